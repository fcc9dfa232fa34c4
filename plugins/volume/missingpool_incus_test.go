//go:build incus

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestAPoolThatIsNotThereHindersOnlyThoseWhoWantVolumesInIt(t *testing.T) {
	w := newWorld(t)
	rs := []resource.Resolved{w.resolve("data", kinds.VolumeConfig{Pool: "nosuchpool"})}
	for _, create := range []bool{true, false} {
		got, err := w.p.Plan(t.Context(), sdk.PlanRequest{
			Kind: resource.KindStorageVolume, Resolved: rs, Options: resource.Options{Create: create},
		})
		switch {
		case create && (!errors.Is(err, resource.ErrNotFound) || !strings.Contains(err.Error(), "nosuchpool")):
			t.Errorf("who wants to make volumes gets %+v, %v", got, err)
		case !create && (err != nil || len(got.States) != 1 || got.States[0].Exists):
			t.Errorf("who only looks gets %+v, %v", got, err)
		}
	}
}
