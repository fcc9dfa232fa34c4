//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"
)

func TestUpPlansAgainWhenTheServerChangesUnderIt(t *testing.T) {
	t.Parallel()
	p := newProject(t, slowProject)
	r := p.start("up", "-d")
	r.says("Waiting")

	after := p.instance("after", 1)
	r.says(after + "  Created") // which may be later

	op, err := p.host.Incus(t).UseProject(p.name).DeleteInstance(after)
	p.must(err)
	p.must(op.Wait())
	p.inside("gate", "touch /open")

	if got := r.wait(60 * time.Second); got.code != 0 || !strings.Contains(got.stderr, "planning again") {
		t.Error(got)
	}

	p.wantInstances(p.instance("gate", 1)+" running", after+" running")
}
