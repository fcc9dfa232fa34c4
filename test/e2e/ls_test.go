//go:build incus

package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestLsListsProjects(t *testing.T) {
	t.Parallel()
	p := newProject(t, sleeper)
	other := p.another(keeper)
	p.ok("up", "-d")
	other.ok("up", "-d")
	p.ok("stop", "web")
	other.ok("stop")

	type row struct{ Name, Status, ConfigFiles string }

	list := func(args ...string) map[string]row {
		var rows []row
		p.must(json.Unmarshal([]byte(p.inFolder("/", append([]string{"ls", "--format", "json"}, args...)...).stdout), &rows))

		byName := map[string]row{}
		for _, r := range rows {
			byName[r.Name] = r
		}

		return byName
	}

	rows := list()
	if got := rows[p.name]; got.Status != "running(1), exited(1)" || got.ConfigFiles != p.dir+"/compose.yaml" {
		t.Errorf("ls shows %+v", got)
	}

	if _, ok := rows[other.name]; ok {
		t.Error("ls shows a project without running instances")
	}

	if got := list("-a")[other.name]; got.Status != "exited(1)" {
		t.Errorf("ls -a shows %+v", got)
	}

	lines := strings.Split(p.ok("ls").stdout, "\n")
	if got := strings.Fields(lines[0]); !slices.Equal(got, []string{"NAME", "STATUS", "CONFIG", "FILES"}) {
		t.Errorf("the heads are %q", got)
	}

	if names := strings.Fields(p.ok("ls", "-q").stdout); !slices.Contains(names, p.name) || slices.Contains(names, other.name) {
		t.Errorf("ls -q prints %q", names)
	}
}
