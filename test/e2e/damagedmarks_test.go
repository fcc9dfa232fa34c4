//go:build incus

package e2e

import (
	"maps"
	"strings"
	"testing"
)

// What icc has written on the server can be changed by anybody who may write there.
func TestMarksThatSomebodyHasDamaged(t *testing.T) {
	t.Parallel()
	compose := strings.ReplaceAll(sleeper, "command:", "stop_grace_period: 0s\n    command:")
	p := newProject(t, compose+"  afore: {image: \"busybox:1\", command: [sleep, infinity], stop_grace_period: 0s}\n")
	p.ok("up", "-d")
	p.write("compose.yaml", compose)
	p.ok("up", "-d", "--remove-orphans") // so that the others do not have the lowest addresses

	before := p.addresses()

	p.setKey("web", "user.icc.number", "{garbage")
	p.damageLeases()
	p.ok("up", "-d")
	p.looks(false, "plan")

	if now := p.addresses(); !maps.Equal(now, before) {
		t.Errorf("the instances and their addresses were %v and are %v", before, now)
	}

	// Each says that it depended on the other.
	p.setKey("web", "user.icc.depends-on", `[{"to":{"kind":"instance","name":"db-1"},"condition":"started"}]`)
	p.setKey("db", "user.icc.depends-on", `[{"to":{"kind":"instance","name":"web-1"},"condition":"started"}]`)

	for _, verb := range []string{"stop", "start", "restart", "down"} {
		if r := p.inFolder("/", "-p", p.name, verb); r.code != 0 {
			t.Error(r)
		}
	}
}

// damageLeases makes what networks remember of the project's instances unreadable.
func (p *project) damageLeases() {
	p.t.Helper()

	server := p.host.Incus(p.t)
	networks, err := server.GetNetworks()
	p.must(err)

	for _, n := range networks {
		if n.Config[markProject] != p.name {
			continue
		}

		for key := range n.Config {
			if strings.HasPrefix(key, "user.icc.address.") {
				n.Config[key] = "{garbage"
			}
		}

		p.must(server.UpdateNetwork(n.Name, n.Writable(), ""))
	}
}
