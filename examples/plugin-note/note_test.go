package main

import (
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/conformance"
	"github.com/icc-project/icc/sdk/resource"
)

// files returns a function that fails the test if files under dir have come, gone or changed since.
func files(dir string) func(testing.TB) func() {
	return func(t testing.TB) func() {
		t.Helper()
		look := func() map[string]string {
			found := map[string]string{}
			err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				info, err := e.Info()
				if err == nil {
					found[path] = info.ModTime().String()
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		before := look()
		return func() {
			t.Helper()
			if diff := cmp.Diff(before, look()); diff != "" {
				t.Errorf("files have changed (-before +after):\n%s", diff)
			}
		}
	}
}

func TestNotesKeepThePromisesOfTheProtocol(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	conformance.Provider(t, newProvider(), conformance.Case{
		New:      func() sdk.Provider { return newProvider() },
		Settings: sdk.Settings{ComposeProject: "shop", CacheDir: dir},
		Watch:    files(dir),
		Declarations: []resource.Declaration{
			conformance.Declare(kindNote, "motd", config{Text: "Welcome"}),
			conformance.Declare(kindNote, "a/b ../ünï", config{Text: ""}),
			conformance.Declare(kindNote, "reply", config{Text: "Thanks"}, conformance.Needs(kindNote, "motd")),
		},
	})
}
