//go:build incus

package conformance

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// TestUpAndDownStayNearTheBareClient compares the provider with the bare client on the same instances, in turns, so
// that a busy machine slows both. The promise for the whole of icc is 1.3; the plugin alone has to stay below it.
func TestUpAndDownStayNearTheBareClient(t *testing.T) {
	const instances, rounds, most = 20, 3, 1.3
	l := newLab(t)
	addresses := map[string]kinds.Address{}
	for i := 1; i <= instances; i++ {
		addresses[fmt.Sprintf("web-%d", i)] = kinds.Address{IPv4: fmt.Sprintf("10.201.9.%d", 10+i)}
	}
	l.network("front", "10.201.9", addresses)
	configs := make([]kinds.InstanceConfig, instances)
	for i := range configs {
		c := l.sleeper("web")
		c.Number, c.NetworkMode, c.Networks = i+1, "", []kinds.NIC{{Network: "front", Gateway: true}}
		configs[i] = c
	}
	var up, down, floorUp, floorDown time.Duration
	for range rounds {
		a, b, posts := l.providerRound(configs)
		c, d := l.bareRound(posts)
		up, down, floorUp, floorDown = up+a, down+b, floorUp+c, floorDown+d
	}
	t.Logf("%d instances, %d rounds: up %s, floor %s, ratio %.2f; down %s, floor %s, ratio %.2f", instances, rounds,
		up/rounds, floorUp/rounds, float64(up)/float64(floorUp), down/rounds, floorDown/rounds, float64(down)/float64(floorDown))
	if float64(up) > most*float64(floorUp) || float64(down) > most*float64(floorDown) {
		t.Errorf("slower than %.1f times the bare client", most)
	}
}

// providerRound brings the instances up and down with the provider, and returns what they were made from.
func (l *lab) providerRound(configs []kinds.InstanceConfig) (up, down time.Duration, posts []api.InstancesPost) {
	l.t.Helper()
	begin := time.Now()
	plan, resolved := l.plan(configs...), l.resolve(configs...)
	act := func(i int, action resource.Action, state resource.State) error {
		_, err := l.provider.Run(l.t.Context(), sdk.RunRequest{Resource: resolved[i], Action: action, Change: plan.Changes[i],
			State: state, Inputs: l.inputs(), Options: resource.Options{Create: true}}, resource.Discard{})
		return err
	}
	each(l.t, len(configs), func(i int) error {
		if err := act(i, resource.ActionEnsure, plan.States[i]); err != nil {
			return err
		}
		return act(i, resource.ActionStart, plan.States[i])
	})
	up = time.Since(begin)

	existing, err := l.server.GetInstances(api.InstanceTypeAny)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, inst := range existing {
		config := map[string]string{}
		for key, value := range inst.Config {
			if len(key) < 9 || key[:9] != "volatile." && key[:6] != "image." {
				config[key] = value
			}
		}
		// What icc-init adds is part of what is measured.
		delete(config, initspec.Key)
		delete(inst.Devices, spec.DeviceInit)
		delete(inst.Devices, spec.DeviceRun)
		config["oci.entrypoint"] = "sleep 100000"
		posts = append(posts, api.InstancesPost{Name: inst.Name, Type: "container",
			InstancePut: api.InstancePut{Config: config, Devices: inst.Devices, Profiles: []string{}},
			Source:      api.InstanceSource{Type: "image", Fingerprint: inst.Config["volatile.base_image"]}})
	}

	begin = time.Now()
	plan = l.plan(configs...)
	each(l.t, len(configs), func(i int) error {
		if err := act(i, resource.ActionStop, plan.States[i]); err != nil {
			return err
		}
		return act(i, resource.ActionDelete, plan.States[i])
	})
	return up, time.Since(begin), posts
}

// bareRound does the same with nothing but the client.
func (l *lab) bareRound(posts []api.InstancesPost) (up, down time.Duration) {
	l.t.Helper()
	server, err := sdkincus.Dial(l.t.Context(), sdk.Settings{IncusSocket: l.host.Socket, IncusProject: l.project})
	if err != nil {
		l.t.Fatal(err)
	}
	begin := time.Now()
	each(l.t, len(posts), func(i int) error {
		op, err := server.CreateInstance(posts[i])
		if err == nil {
			err = op.Wait()
		}
		if err == nil {
			op, err = server.UpdateInstanceState(posts[i].Name, api.InstanceStatePut{Action: "start", Timeout: -1}, "")
		}
		if err == nil {
			err = op.Wait()
		}
		return err
	})
	up = time.Since(begin)
	begin = time.Now()
	each(l.t, len(posts), func(i int) error {
		op, err := server.UpdateInstanceState(posts[i].Name, api.InstanceStatePut{Action: "stop", Timeout: 10}, "")
		if err == nil {
			err = op.Wait()
		}
		if err == nil {
			op, err = server.DeleteInstance(posts[i].Name)
		}
		if err == nil {
			err = op.Wait()
		}
		return err
	})
	return up, time.Since(begin)
}

// each runs do for 0 to n-1 with eight workers.
func each(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	const workers = 8
	var wg sync.WaitGroup
	next := make(chan int)
	for range workers {
		wg.Go(func() {
			for i := range next {
				if err := do(i); err != nil {
					t.Errorf("instance %d: %v", i+1, err)
				}
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}
