package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// rerouting is a network with two replicas of web, a stand-in, and the records that ensuring it writes.
func rerouting() (b builder, config map[string]string, given map[string]kinds.Address) {
	b = builder{ref: resource.Ref{Kind: resource.KindNetwork, Name: "default"}, current: &api.Network{}}
	b.cfg.Project = "shop"
	given = map[string]kinds.Address{}
	leases := map[string]lease{}
	for i := 1; i <= 3; i++ {
		a := kinds.Attachment{Instance: fmt.Sprintf("Web-%d", i), IncusName: fmt.Sprintf("shop-web-%d", i), Service: "Web", Aliases: []string{"shop"}}
		a.Fleeting = i == 3
		b.cfg.Attachments = append(b.cfg.Attachments, a)
		given[a.Instance] = kinds.Address{IPv4: fmt.Sprintf("10.0.0.%d", i)}
		leases[a.IncusName] = lease{Project: "shop", Instance: a.Instance, Service: "Web", IPv4: given[a.Instance].IPv4}
	}
	config = map[string]string{keyRaw: "log-queries"}
	b.writeRecords(config, config[keyRaw], leases, nil)
	return b, config, given
}

func refsTo(names ...string) (out []resource.Ref) {
	for _, n := range names {
		out = append(out, resource.Ref{Kind: resource.KindInstance, Name: n})
	}
	return out
}

func TestNamesLeadToOtherInstances(t *testing.T) {
	t.Parallel()
	b, config, given := rerouting()
	ensured := config[keyRaw]
	one, two, three := "10.0.0.1", "10.0.0.2", "10.0.0.3"
	for _, step := range []struct {
		name    string
		r       resource.Reroute
		want    []string // where web leads to then
		changes bool
	}{
		{"who is in stays in", resource.Reroute{In: refsTo("Web-1")}, []string{one, two}, false},
		{"who is out stays out", resource.Reroute{Out: refsTo("Web-3")}, []string{one, two}, false},
		{"who is not on the network is no matter", resource.Reroute{In: refsTo("db-1")}, []string{one, two}, false},
		{"a stand-in comes for a replica", resource.Reroute{In: refsTo("Web-3"), Out: refsTo("Web-1")}, []string{two, three}, true},
		{"the next replica's turn", resource.Reroute{In: refsTo("Web-1"), Out: refsTo("Web-2")}, []string{one, three}, true},
		{"the stand-in goes", resource.Reroute{In: refsTo("Web-2"), Out: refsTo("Web-3")}, []string{one, two}, true},
	} {
		if got := b.reroute(config, given, step.r); got != step.changes {
			t.Errorf("%s: changes %v, want %v", step.name, got, step.changes)
		}
		records := dnsmasq.Parse(config[keyRaw])
		for _, name := range []string{"web", "shop"} {
			if diff := cmp.Diff(step.want, records[name]); diff != "" {
				t.Errorf("%s: %s leads to (-want +got):\n%s", step.name, name, diff)
			}
		}
		if diff := cmp.Diff([]string{one}, records["shop-web-1"]); diff != "" {
			t.Errorf("%s: its own name leads to (-want +got):\n%s", step.name, diff)
		}
	}
	if diff := cmp.Diff(ensured, config[keyRaw]); diff != "" {
		t.Errorf("in the end the records are not what ensuring writes (-want +got):\n%s", diff)
	}
}
