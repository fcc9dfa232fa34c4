package buildtool

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestCheckFindsWhatIsMissing(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "")
	empty, full := t.TempDir(), t.TempDir()
	for _, name := range []string{"Dockerfile", "Other"} {
		if err := os.WriteFile(filepath.Join(full, name), []byte("FROM scratch\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out := t.TempDir()
	for name, test := range map[string]struct {
		build kinds.BuildConfig
		text  string
	}{
		"no context":             {kinds.BuildConfig{Context: filepath.Join(empty, "no")}, "there is no build context"},
		"a context that is none": {kinds.BuildConfig{Context: os.DevNull}, "is not a directory"},
		"no Containerfile":       {kinds.BuildConfig{Context: empty}, "there is no Containerfile or Dockerfile in " + empty},
		"not the named one":      {kinds.BuildConfig{Context: full, Dockerfile: "Third"}, "there is no Containerfile " + filepath.Join(full, "Third")},
		"no further context":     {kinds.BuildConfig{Context: full, AdditionalContexts: map[string]string{"x": empty + "/no"}}, "there is no directory " + empty + "/no"},
		"further contexts":       {kinds.BuildConfig{Context: full, AdditionalContexts: map[string]string{"x": empty, "y": "docker-image://a"}}, ""},
		"no key":                 {kinds.BuildConfig{Context: full, SSH: []string{"x=" + full + "/Dockerfile", "y=" + full + "/no"}}, "there is no key or agent's socket " + full + "/no"},
		"no agent":               {kinds.BuildConfig{Context: full, SSH: []string{"default"}}, `takes "default" from the SSH agent, and SSH_AUTH_SOCK is not set`},
		"a platform in short":    {kinds.BuildConfig{Context: full, Platforms: []string{"amd64"}}, ""},
		"another platform":       {kinds.BuildConfig{Context: full, Platforms: []string{"linux/arm64"}}, "does not list linux/amd64"},
		"the default":            {kinds.BuildConfig{Context: full}, ""},
		"a named one":            {kinds.BuildConfig{Context: full, Dockerfile: "Other"}, ""},
		"one elsewhere":          {kinds.BuildConfig{Context: empty, Dockerfile: filepath.Join(full, "Other")}, ""},
		"an inline one":          {kinds.BuildConfig{Context: empty, DockerfileInline: "FROM scratch"}, ""},
		"a repository":           {kinds.BuildConfig{Context: "https://git.example/app.git#main"}, ""},
	} {
		err := check(kinds.BuildRequest{Name: "x", Platform: "linux/amd64", OutputDir: out, Build: test.build})
		if err == nil {
			err = checkExtras(test.build)
		}
		if test.text == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), test.text) || resource.Hint(err) == "" {
			t.Errorf("%s: got %v (hint: %s), want %q", name, err, resource.Hint(err), test.text)
		}
	}
	if err := check(kinds.BuildRequest{}); !errors.Is(err, resource.ErrNilPointer) {
		t.Errorf("no output directory: got %v", err)
	}
}
