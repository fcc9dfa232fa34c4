package host

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
)

// aged makes a file that has not changed for a while, so that its hash may be remembered.
func aged(t *testing.T, content string) identity {
	t.Helper()
	path := filepath.Join(t.TempDir(), prefix+"alpha")
	must(t, os.WriteFile(path, []byte(content), 0o755))
	old := time.Now().Add(-time.Hour)
	must(t, os.Chtimes(path, old, old))
	id := identify(t, path)
	id.Ctime = old.UnixNano() // nobody can set it back, so pretend
	return id
}

func identify(t *testing.T, path string) identity {
	t.Helper()
	info, err := os.Stat(path)
	must(t, err)
	return identityOf(path, info)
}

func TestMemoryOutlivesTheRun(t *testing.T) {
	t.Parallel()
	dir, id := t.TempDir(), aged(t, "content")
	m := openMemory(dir)
	sum, err := m.hash(id)
	must(t, err)
	want := &sdk.Description{Name: "alpha", Kinds: []sdk.Kind{{Kind: "alpha", ConfigSchema: []byte(`{"type":"object"}`)}}}
	m.describe(sum, want)
	m.fail("sum of another")
	m.describe("a file that is gone", &sdk.Description{})
	must(t, m.save())

	m = openMemory(dir)
	if diff := cmp.Diff(want, m.description(sum)); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
	if m.description("a file that is gone") != nil || m.failed("sum of another") {
		t.Error("what no file has any more is still remembered")
	}
	must(t, os.Remove(id.Path)) // proves that the file is not read again
	if again, err := m.hash(id); err != nil || again != sum {
		t.Errorf("hash = %s, %v; want %s from memory", again, err, sum)
	}
}

func TestMemoryNoticesEveryChangeOfAFile(t *testing.T) {
	t.Parallel()
	m, id := openMemory(t.TempDir()), aged(t, "content")
	first, err := m.hash(id)
	must(t, err)
	must(t, os.WriteFile(id.Path, []byte("another"), 0o755)) // of the same size
	for name, change := range map[string]func(*identity){
		"the size": func(i *identity) { i.Size++ }, "the modification time": func(i *identity) { i.Mtime++ },
		"the change time": func(i *identity) { i.Ctime++ }, "the inode": func(i *identity) { i.Inode++ },
		"the device": func(i *identity) { i.Dev++ },
	} {
		changed := id
		change(&changed)
		if sum, err := m.hash(changed); err != nil || sum == first {
			t.Errorf("a change of %s was not noticed (%v)", name, err)
		}
		m.data.Files[id.Path] = fileHash{identity: id, SHA256: first}
	}
}

func TestMemoryDoesNotTrustFreshFiles(t *testing.T) {
	t.Parallel()
	m := openMemory(t.TempDir())
	path := filepath.Join(t.TempDir(), prefix+"alpha")
	must(t, os.WriteFile(path, []byte("content"), 0o755))
	id := identify(t, path)
	id.Ctime = time.Now().Add(time.Hour).UnixNano() // so that it is fresh on the slowest machine, too
	first, err := m.hash(id)
	must(t, err)
	must(t, os.WriteFile(path, []byte("another"), 0o755))
	if sum, err := m.hash(id); err != nil || sum == first { // as if it happened within the clock's granularity
		t.Errorf("a file that changed right after it was hashed is taken for the old one (%v)", err)
	}
}

func TestMemoryThatCannotBeTrustedIsEmpty(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, file string){
		"damaged":               func(t *testing.T, file string) { must(t, os.WriteFile(file, []byte("{"), 0o600)) },
		"null":                  func(t *testing.T, file string) { must(t, os.WriteFile(file, []byte("null"), 0o600)) },
		"without its parts":     func(t *testing.T, file string) { must(t, os.WriteFile(file, []byte(`{"version":1}`), 0o600)) },
		"of a later version":    func(t *testing.T, file string) { rewrite(t, file, `"version":1`, `"version":2`) },
		"writable by everybody": func(t *testing.T, file string) { must(t, os.Chmod(file, 0o666)) },
		"a directory":           func(t *testing.T, file string) { must(t, os.Remove(file)); must(t, os.Mkdir(file, 0o700)) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, id := t.TempDir(), aged(t, "content")
			m := openMemory(dir)
			sum, err := m.hash(id)
			must(t, err)
			m.describe(sum, &sdk.Description{Name: "forged"})
			must(t, m.save())
			spoil(t, filepath.Join(dir, "plugins.json"))
			m = openMemory(dir)
			if m.description(sum) != nil {
				t.Error("it was believed")
			}
			m.describe(sum, &sdk.Description{Name: "alpha"}) // must not panic
		})
	}
}

func rewrite(t *testing.T, file, before, after string) {
	t.Helper()
	doc, err := os.ReadFile(file)
	must(t, err)
	must(t, os.WriteFile(file, []byte(replaceOnce(t, string(doc), before, after)), 0o600))
}

func TestMemoryWithoutADirectoryWorks(t *testing.T) {
	t.Parallel()
	m := openMemory("")
	sum, err := m.hash(aged(t, "content"))
	must(t, err)
	m.describe(sum, &sdk.Description{Name: "alpha"})
	if must(t, m.save()); m.description(sum) == nil {
		t.Error("it forgets within a run")
	}
}
