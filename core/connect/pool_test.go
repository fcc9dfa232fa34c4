package connect

import (
	"errors"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestTheStoragePool(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		rootPool         string
		pools            []string
		wanted, project  string
		want, text, hint string
	}{
		{name: "of the default profile's root disk", rootPool: "fast", pools: []string{"default", "fast"}, want: "fast"},
		{name: "of an existing Incus project's profile", rootPool: "fast", pools: []string{"fast"}, project: "there", want: "fast"},
		{name: "as asked for", rootPool: "default", pools: []string{"default", "fast"}, wanted: "fast", want: "fast"},
		{name: "the only one there is", pools: []string{"one"}, want: "one"},
		{name: "the one called default", pools: []string{"a", "default"}, want: "default"},
		{name: "asked for, but missing", pools: []string{"default", "fast"}, wanted: "fats", text: `no storage pool "fats"`, hint: `default, fast (did you mean "fast"?)`},
		{name: "none suggests itself", pools: []string{"a", "b"}, text: "names no storage pool", hint: "--storage-pool: a, b"},
		{name: "there is none", text: "the server has no storage pool", hint: "incus storage create"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			f.rootPool, f.pools = tt.rootPool, tt.pools
			c, err := openWith(t.Context(), clientConfig(t), Options{
				Remote: "unix://" + overUnix(t, f), StoragePool: tt.wanted, IncusProject: tt.project,
			})
			if tt.wanted == "" && err != nil {
				t.Fatalf("a run that needs no pool fails: %v", err)
			}
			var got string
			if err == nil {
				got, err = c.StoragePool()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tt.text == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, resource.ErrNotFound) {
				t.Errorf("want ErrNotFound, got %v", err)
			}
			expect(t, err, "not-found", tt.text, tt.hint)
		})
	}
}
