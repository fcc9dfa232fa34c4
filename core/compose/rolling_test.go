package compose

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// rollingProject translates a project of one service with the given deploy section.
func rollingProject(t *testing.T, deploy string, o TranslateOptions) *Translation {
	t.Helper()
	dir := project(t, map[string]string{"compose.yaml": `
name: shop
services:
  web:
    image: nginx
    ports: ["8080:80"]
    networks: {default: {aliases: [shop], ipv4_address: 10.9.0.9}}
    deploy: ` + deploy + `
networks: {default: {ipam: {config: [{subnet: 10.9.0.0/24}]}}}
`})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Translate(p, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

func TestUpdateConfigBecomesAPolicy(t *testing.T) {
	t.Parallel()
	swarm := resource.DefaultUpdatePolicy()
	web := []resource.Ref{{Kind: resource.KindInstance, Name: "web-1"}}
	for name, c := range map[string]struct {
		deploy string
		want   []Rolling
	}{
		"without update_config all replicas change at once": {"{replicas: 1}", nil},
		"what it does not say is Docker Swarm's default":    {"{update_config: {}}", []Rolling{{Service: "web", Replicas: web, Update: swarm, Rollback: swarm}}},
		"everything can be said": {
			`{update_config: {parallelism: 0, delay: 2s, monitor: 3s, order: start-first, failure_action: rollback, max_failure_ratio: 0.5},
     rollback_config: {parallelism: 3, failure_action: continue}}`,
			[]Rolling{{
				Service: "web", Replicas: web,
				Update: resource.UpdatePolicy{
					Delay: 2 * time.Second, Monitor: 3 * time.Second, Order: resource.StartFirst,
					OnFailure: resource.FailureRollback, MaxFailureRatio: 0.5,
				},
				Rollback: resource.UpdatePolicy{
					Parallelism: 3, Monitor: 5 * time.Second, Order: resource.StopFirst, OnFailure: resource.FailureContinue,
				},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := rollingProject(t, c.deploy, TranslateOptions{})
			if err := tr.Err(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, tr.Rolling); diff != "" {
				t.Errorf("policies (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpdateConfigRefusesWhatMeansNothing(t *testing.T) {
	t.Parallel()
	for deploy, want := range map[string]string{
		"{update_config: {failure_action: panic}}":      "update_config.failure_action",
		"{rollback_config: {failure_action: rollback}}": "rollback_config.failure_action",
		"{update_config: {max_failure_ratio: 1.5}}":     "update_config.max_failure_ratio",
	} {
		tr := rollingProject(t, deploy, TranslateOptions{})
		if err := tr.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error about %s", deploy, err, want)
		}
	}
}

func TestStandInsHaveNothingThatOnlyOneCanHave(t *testing.T) {
	t.Parallel()
	tr := rollingProject(t, "{update_config: {order: start-first}}", TranslateOptions{
		Surge: map[string]int{"web": 1}, Existing: map[string][]int{"web": {1, 4}},
	})
	if err := tr.Err(); err != nil {
		t.Fatal(err)
	}
	want := []resource.Ref{{Kind: resource.KindInstance, Name: "web-5"}}
	if diff := cmp.Diff(want, tr.Rolling[0].Surge); diff != "" {
		t.Fatalf("stand-ins are numbered above all others (-want +got):\n%s", diff)
	}
	c := instanceOf(t, tr, "web-5")
	if len(c.Ports) > 0 || c.Networks[0].IPv4 != "" || c.Number != 5 || c.OneOff {
		t.Errorf("the stand-in is %+v", c)
	}
	if first := instanceOf(t, tr, "web-1"); first.Networks[0].IPv4 != "10.9.0.9" || len(first.Ports) == 0 {
		t.Errorf("the replica has lost something: %+v", first)
	}
	i := slices.IndexFunc(tr.Declarations, func(d resource.Declaration) bool { return d.Kind == resource.KindNetwork })
	var net kinds.NetworkConfig
	if err := json.Unmarshal(tr.Declarations[i].Config, &net); err != nil {
		t.Fatal(err)
	}
	last := net.Attachments[len(net.Attachments)-1]
	if !last.Fleeting || last.Service != "web" || !slices.Contains(last.Aliases, "shop") || last.IPv4 != "" {
		t.Errorf("the stand-in's place on the network is %+v", last)
	}
}
