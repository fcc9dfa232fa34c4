package main

import (
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestRmMeansWhatIsStopped(t *testing.T) {
	t.Parallel()
	at := func(service, status string, oneOff bool) instance {
		return instance{
			State:           resource.State{Ref: resource.Ref{Kind: resource.KindInstance, Name: service + "-1"}, IncusName: service, Status: status},
			InstanceOutputs: kinds.InstanceOutputs{Service: service, Number: 1, OneOff: oneOff},
		}
	}
	all := []instance{
		at("stopped", resource.StatusStopped, false), at("other", resource.StatusStopped, false),
		at("running", resource.StatusRunning, false), at("paused", resource.StatusPaused, false), at("once", resource.StatusStopped, true),
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"what is stopped":              {nil, "stopped, other"},
		"of one service":               {[]string{"other"}, "other"},
		"of one that runs":             {[]string{"running"}, ""},
		"all when it is stopped first": {[]string{"--stop"}, "stopped, other, running, paused"},
		"one that is stopped first":    {[]string{"--stop", "paused"}, "paused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flags := flag.NewFlagSet("rm", flag.ContinueOnError)
			flags.Bool("stop", false, "")
			if err := flags.Parse(tt.args); err != nil {
				t.Fatal(err)
			}
			s := &session{cli: cli.NewContext(cli.NewApp(), flags, nil)}
			if diff := cmp.Diff(tt.want, namesOf(s.removable(all))); diff != "" {
				t.Errorf("removable (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnonymousVolumesBelongToTheirInstance(t *testing.T) {
	t.Parallel()
	o := &engine.Observation{States: make(map[resource.Ref]resource.State)}
	for _, s := range []resource.State{
		{Ref: resource.Ref{Kind: resource.KindStorageVolume, Name: "web-1:/b"}, Exists: true},
		{Ref: resource.Ref{Kind: resource.KindStorageVolume, Name: "web-1:/a"}, Exists: true},
		{Ref: resource.Ref{Kind: resource.KindStorageVolume, Name: "web-2:/a"}},
		{Ref: resource.Ref{Kind: resource.KindStorageVolume, Name: "data"}, Exists: true},
		{Ref: resource.Ref{Kind: resource.KindImage, Name: "web-1:latest"}, Exists: true},
	} {
		o.States[s.Ref] = s
	}
	want := map[resource.Ref][]resource.Ref{{Kind: resource.KindInstance, Name: "web-1"}: {
		{Kind: resource.KindStorageVolume, Name: "web-1:/a"}, {Kind: resource.KindStorageVolume, Name: "web-1:/b"},
	}}
	if diff := cmp.Diff(want, anonymousVolumes(o)); diff != "" {
		t.Errorf("volumes (-want +got):\n%s", diff)
	}
}
