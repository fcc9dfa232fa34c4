package containers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOnlyWorkingContainersOfBuildsThatAreGoneAreAbandoned(t *testing.T) {
	t.Parallel()
	working, job := t.TempDir(), t.TempDir()
	present := filepath.Join(job, "mark")
	if err := os.WriteFile(present, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for id, secrets := range map[string]string{
		"running":   `["id=icc-build-12ab,src=` + present + `"]`,
		"killed":    `["id=other,src=/x","id=icc-build-12ab,src=` + job + `/gone/mark"]`,
		"older icc": `["id=icc-build-12ab,src=/dev/null"]`,
		"somebody":  `["id=icc,src=` + job + `/gone"]`,
		"by hand":   `null`,
	} {
		dir := filepath.Join(working, id, "userdata")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "buildah.json"), []byte(`{"Secrets":`+secrets+`,"SSHSources":[]}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e := &Engine{Working: working}
	if diff := cmp.Diff([]string{"killed"}, e.left(abandoned)); diff != "" {
		t.Errorf("abandoned (-want +got):\n%s", diff)
	}
}
