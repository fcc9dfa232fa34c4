package resource_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

func resolved(kind resource.Kind, name, incusName string) resource.Resolved {
	return resource.Resolved{Ref: resource.Ref{Kind: kind, Name: name}, IncusName: incusName}
}

func names(rs []resource.Resolved) []string {
	var names []string
	for _, r := range rs {
		names = append(names, r.String())
	}
	return names
}

func TestAStoreHoldsOneResourceForEachObject(t *testing.T) {
	t.Parallel()
	var s resource.Store
	front := resolved(resource.KindNetwork, "front", "shop-front")
	for _, c := range []struct {
		r     resource.Resolved
		added bool
	}{
		{front, true},
		{front, false},
		{resolved(resource.KindNetwork, "alias of front", "shop-front"), false},
		{resolved(resource.KindStorageVolume, "front", "shop-front"), true},
		{resolved(resource.KindNetwork, "front", "other-front"), true},
	} {
		if got := s.Add(c.r); got != c.added {
			t.Errorf("adding %v as %s: %v", c.r.Ref, c.r.IncusName, got)
		}
	}
	if diff := cmp.Diff([]string{"network/front", "storage-volume/front", "network/front"}, names(s.All())); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}

	got, ok := s.Get(resource.KindNetwork, "shop-front")
	if !ok || got.Name != "front" {
		t.Errorf("got %v, %v", got, ok)
	}
	s.Remove(front)
	if got, ok := s.Get(resource.KindNetwork, "shop-front"); ok {
		t.Errorf("removed, yet there: %v", got)
	}
	s.Remove(front)
	if len(s.All()) != 2 || !s.Add(front) {
		t.Errorf("after removing: %v", names(s.All()))
	}
}

func TestWhatAStoreReturnsIsACopy(t *testing.T) {
	t.Parallel()
	var s resource.Store
	s.Add(resolved(resource.KindImage, "redis:8", "redis:8"))
	s.All()[0].Name = "changed"
	if got := s.All()[0].Name; got != "redis:8" {
		t.Errorf("got %q", got)
	}
}

func TestAStoreCanBeSharedByGoroutines(t *testing.T) {
	t.Parallel()
	var s resource.Store
	var added atomic.Int32
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 50 {
				r := resolved(resource.KindInstance, "web", fmt.Sprint(i))
				if s.Add(r) {
					added.Add(1)
				}
				s.Get(r.Kind, r.IncusName)
				s.All()
			}
		})
	}
	group.Wait()
	if added.Load() != 50 || len(s.All()) != 50 {
		t.Errorf("%d added, %d stored", added.Load(), len(s.All()))
	}
}
