package launch

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWhatCannotBeRunIsExplained only tries what fails: what succeeds would replace the test.
func TestWhatCannotBeRunIsExplained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, content := range map[string]string{"script": "#!/no/such/interpreter\n", "data": "\x7fELF and nothing else", "plain": "x"} {
		mode := os.FileMode(0o755)
		if name == "plain" {
			mode = 0o644
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := "PATH=/nonexistent:" + dir
	for name, tc := range map[string]struct {
		argv, env []string
		want      Failure
	}{
		"nothing":                {nil, nil, Failure{126, "no command specified"}},
		"an empty name":          {[]string{""}, nil, Failure{126, "no command specified"}},
		"not in the path":        {[]string{"nosuch"}, []string{path}, Failure{127, `exec: "nosuch": executable file not found in $PATH`}},
		"no path":                {[]string{"plain"}, nil, Failure{127, `exec: "plain": executable file not found in $PATH`}},
		"a folder in the path":   {[]string{"folder"}, []string{path}, Failure{127, `exec: "folder": executable file not found in $PATH`}},
		"a missing file":         {[]string{dir + "/none"}, nil, Failure{127, `exec: "DIR/none": stat DIR/none: no such file or directory`}},
		"not executable":         {[]string{"plain"}, []string{path}, Failure{126, `exec: "DIR/plain": permission denied`}},
		"a folder":               {[]string{dir + "/folder"}, nil, Failure{126, `exec: "DIR/folder": permission denied`}},
		"no program":             {[]string{"data"}, []string{path}, Failure{126, "exec DIR/data: exec format error: it is no program for this machine, or a script without #!"}},
		"a missing interpreter":  {[]string{"script"}, []string{path}, Failure{127, "exec DIR/script: no such file or directory: its interpreter is missing in the image"}},
		"the last of two counts": {[]string{"plain"}, []string{"PATH=/nonexistent", path}, Failure{126, `exec: "DIR/plain": permission denied`}},
		"a variable too long":    {[]string{"/bin/true"}, []string{"A=b", "BIG=" + strings.Repeat("x", 200_000)}, Failure{126, "exec /bin/true: the environment variable BIG has 200004 bytes with its name: Linux allows 131071"}},
		"an argument too long":   {[]string{"/bin/true", strings.Repeat("x", 131_072)}, nil, Failure{126, "exec /bin/true: an argument of 131072 bytes is too long: Linux allows 131071"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(tc.argv, tc.env)
			got.Text = strings.ReplaceAll(got.Text, dir, "DIR")
			if diff := cmp.Diff(tc.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheEnvironmentIsCompletedAndNotOverruled(t *testing.T) {
	t.Parallel()
	host, _ := os.Hostname()
	got := complete([]string{"A=1"}, "/home/x", true)
	if diff := cmp.Diff([]string{"A=1", "PATH=" + defaultPath, "HOSTNAME=" + host, "TERM=xterm", "HOME=/home/x"}, got); diff != "" {
		t.Error(diff)
	}
	own := []string{"PATH=/p", "HOSTNAME=h", "HOME=", "TERM=vt100"}
	if diff := cmp.Diff(own, complete(own, "/home/x", true)); diff != "" {
		t.Error(diff)
	}
}
