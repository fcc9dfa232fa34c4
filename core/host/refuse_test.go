package host

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestRefusedPlugins(t *testing.T) {
	t.Parallel()
	write := func(content string) func(*testing.T, string) {
		return func(t *testing.T, path string) { must(t, os.WriteFile(path, []byte(content), 0o755)) }
	}
	// The beginning of a program for the Motorola 68000.
	foreign := "\x7fELF\x01\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x04" + strings.Repeat("\x00", 40)
	tests := []struct {
		name string
		make func(t *testing.T, path string)
		text string
		hint string
	}{
		{"writable by everybody", func(t *testing.T, path string) { must(t, os.Chmod(path, 0o777)) },
			"it can be written by everybody", "chmod o-w "},
		{"in a directory writable by everybody", func(t *testing.T, path string) { must(t, os.Chmod(filepath.Dir(path), 0o777)) },
			"its directory", "chmod o-w "},
		{"behind a link into such a directory", func(t *testing.T, path string) {
			open := t.TempDir()
			must(t, os.Rename(path, filepath.Join(open, "target")))
			must(t, os.Symlink(filepath.Join(open, "target"), path))
			must(t, os.Chmod(open, 0o1777))
		}, "its directory", "chmod o-w "},
		{"not executable", func(t *testing.T, path string) { must(t, os.Chmod(path, 0o644)) },
			"it is not executable", "chmod +x "},
		{"empty", write(""), "it is empty", "this machine"},
		{"a script", write("#!/bin/sh\nexit 0\n"), "it is a script", "remove"},
		{"a text file", write("just some words, longer than a header"), "it is not a program for Linux", "this machine"},
		{"a cut off program", write("\x7fELF\x02"), "it is not a program for Linux", "this machine"},
		{"a program for another machine", write(foreign), "it is a program for 68k", "this machine"},
		{"a directory", func(t *testing.T, path string) { must(t, os.Remove(path)); must(t, os.Mkdir(path, 0o755)) },
			"it is not a regular file", "remove"},
		{"a dangling link", func(t *testing.T, path string) { must(t, os.Remove(path)); must(t, os.Symlink(path+"-gone", path)) },
			"it cannot be read", "replace"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "alpha")
			path := filepath.Join(b.dir, prefix+"alpha")
			tt.make(t, path)
			_, err := b.Provider(t.Context(), "alpha")
			checkRefusal(t, err, path, tt.text, tt.hint)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func checkRefusal(t *testing.T, err error, path, text, hint string) {
	t.Helper()
	if !errors.Is(err, resource.ErrPluginVerify) {
		t.Fatalf("error %v, want a refusal", err)
	}
	for _, part := range []string{path, text} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %q: %v", part, err)
		}
	}
	if !strings.Contains(resource.Hint(err), hint) {
		t.Errorf("the hint does not say %q: %s", hint, resource.Hint(err))
	}
}

// The owner can be changed by root alone, so what others may see of it is checked through what decides it.
func TestFilesOfStrangersAreNotTrusted(t *testing.T) {
	t.Parallel()
	const stranger = 54321
	if !trusted(0) || !trusted(uint32(os.Geteuid())) || trusted(stranger) {
		t.Errorf("trusted: root %v, self %v, a stranger %v", trusted(0), trusted(uint32(os.Geteuid())), trusted(stranger))
	}
	if os.Geteuid() != 0 {
		return
	}
	b := newBench(t, "alpha")
	path := filepath.Join(b.dir, prefix+"alpha")
	must(t, os.Chown(path, stranger, stranger))
	_, err := b.Provider(t.Context(), "alpha")
	checkRefusal(t, err, path, "it belongs to user 54321", "copy the plugin")
}

func TestAFileIsCheckedAtEachStart(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha")
	p := provider(t, b.Host, "alpha")
	_, _ = run(t.Context(), p, "exit", "")
	path := filepath.Join(b.dir, prefix+"alpha")
	must(t, os.Chmod(path, 0o777))
	_, err := run(t.Context(), p, "pid", "")
	checkRefusal(t, err, path, "can be written by everybody", "chmod o-w ")
	must(t, os.Chmod(path, 0o755))
	if _, err := run(t.Context(), p, "pid", ""); err != nil {
		t.Errorf("after it was put right: %v", err)
	}
}

func TestLockFilePinsThePlugins(t *testing.T) {
	t.Parallel()
	b := newBench(t, "alpha", "beta")
	sums := plugins(t, b.Host)
	lock := filepath.Join(b.dir, LockFile)
	writeLock := func(sums map[string]string) {
		doc, err := json.Marshal(sums)
		must(t, err)
		must(t, os.WriteFile(lock, doc, 0o644))
	}
	alpha, beta := filepath.Join(b.dir, prefix+"alpha"), filepath.Join(b.dir, prefix+"beta")

	writeLock(map[string]string{"alpha": strings.ToUpper(sums["alpha"].SHA256), "beta": sums["alpha"].SHA256})
	h := b.another(t)
	if _, err := h.Provider(t.Context(), "alpha"); err != nil {
		t.Errorf("with the right sum: %v", err)
	}
	_, err := h.Provider(t.Context(), "beta")
	checkRefusal(t, err, beta, "its checksum is "+sums["beta"].SHA256, "write its checksum there")

	writeLock(map[string]string{"alpha": sums["alpha"].SHA256})
	_, err = b.another(t).Provider(t.Context(), "beta")
	checkRefusal(t, err, beta, "it is not in the lock file "+lock, fmt.Sprintf("add %q: %q", "beta", sums["beta"].SHA256))

	must(t, os.WriteFile(lock, []byte("[]"), 0o644))
	_, err = b.another(t).Provider(t.Context(), "alpha")
	checkRefusal(t, err, alpha, "lock file "+lock+" is damaged", `{"NAME": "SHA-256`)

	// A plugin that is exchanged while icc runs is noticed at its next start.
	writeLock(map[string]string{"alpha": sums["alpha"].SHA256, "beta": sums["beta"].SHA256})
	h = b.another(t)
	p := provider(t, h, "alpha")
	_, _ = run(t.Context(), p, "exit", "")
	install(t, b.dir, "gamma")
	must(t, os.Rename(filepath.Join(b.dir, prefix+"gamma"), alpha))
	_, err = run(t.Context(), p, "pid", "")
	checkRefusal(t, err, alpha, "its checksum is ", "write its checksum there")
}
