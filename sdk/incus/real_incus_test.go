//go:build incus

package incus

import (
	"errors"
	"os"
	"sync"
	"testing"

	client "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/test/testbed"
)

func TestMain(m *testing.M) { os.Exit(testbed.Main(m, "sdkincus")) }

func dialReal(t *testing.T, project string) client.InstanceServer {
	t.Helper()
	server, err := DialEvents(t.Context(), sdk.Settings{IncusSocket: testbed.Env(t).Socket, IncusProject: project})
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func TestListingsOfAProjectThatDoesNotExistAreEmpty(t *testing.T) {
	s := dialReal(t, "there-is-none")
	for name, list := range map[string]func() (int, error){
		"instances": func() (int, error) { l, err := Listed(s.GetInstances(api.InstanceTypeAny)); return len(l), err },
		"full instances": func() (int, error) {
			l, err := Listed(s.GetInstancesFullWithFilter(api.InstanceTypeAny, OfProject("shop")))
			return len(l), err
		},
		"volumes":  func() (int, error) { l, err := Listed(s.GetStoragePoolVolumes("default")); return len(l), err },
		"networks": func() (int, error) { l, err := Listed(s.GetNetworks()); return len(l), err },
		"profiles": func() (int, error) { l, err := Listed(s.GetProfiles()); return len(l), err },
		"images":   func() (int, error) { l, err := Listed(s.GetImages()); return len(l), err },
	} {
		if n, err := list(); n != 0 || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	if _, err := Listed(s.UseProject("default").GetStoragePoolVolumes("nope")); !errors.Is(err, resource.ErrNotFound) {
		t.Errorf("a missing pool: %v", err)
	}
}

func TestMarkedObjectsAreFoundByTheirProject(t *testing.T) {
	s := dialReal(t, "default")
	for name, project := range map[string]string{"one": "shop", "two": "shop", "other": "shop2"} {
		err := s.CreateStoragePoolVolume("default", api.StorageVolumesPost{Name: name, Type: "custom",
			StorageVolumePut: api.StorageVolumePut{Config: Marks(project, name, nil)}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = testbed.Env(t).Incus(t).DeleteStoragePoolVolume("default", "custom", name) })
	}
	got, err := s.GetStoragePoolVolumesWithFilter("default", OfProject("shop"))
	if err != nil || len(got) != 2 {
		t.Errorf("found %d, %v", len(got), err)
	}
	if err := PatchConfig(s, map[string]string{"user.extra": "x"}, "storage-pools", "default", "volumes", "custom", "one"); err != nil {
		t.Fatal(err)
	}
	v, _, err := s.GetStoragePoolVolume("default", "custom", "one")
	if err != nil || v.Config["user.extra"] != "x" || !Belongs(v.Config, "shop") {
		t.Errorf("after patching: %v, %v", v, err)
	}
	if err := PatchConfig(s, map[string]string{"user.extra": "x"}, "instances", "nobody"); !errors.Is(err, resource.ErrNotFound) {
		t.Errorf("patching nothing: %v", err)
	}
}

func TestAnUpdateInBetweenIsKept(t *testing.T) {
	s := dialReal(t, "default")
	set := func(p *api.Profile, key, etag string) error {
		put := p.Writable()
		put.Config[key] = "x"
		return s.UpdateProfile("default", put, etag)
	}
	attempts := 0
	err := Update(t.Context(), func() (*api.Profile, string, error) { return s.GetProfile("default") },
		func(p *api.Profile, etag string) error {
			if attempts++; attempts == 1 { // somebody else is faster
				other, _, err := s.GetProfile("default")
				if err != nil {
					return err
				}
				if err := set(other, "user.theirs", ""); err != nil {
					return err
				}
			}
			return set(p, "user.ours", etag)
		})
	if err != nil || attempts != 2 {
		t.Errorf("%v after %d attempts", err, attempts)
	}
	p, _, err := s.GetProfile("default")
	if err != nil || p.Config["user.ours"] != "x" || p.Config["user.theirs"] != "x" {
		t.Errorf("a write is lost: %v, %v", p.Config, err)
	}
}

type recorder struct {
	resource.Discard
	mu   sync.Mutex
	seen []resource.Progress
}

func (r *recorder) Progress(p resource.Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = append(r.seen, p)
}

func TestADownloadReportsItsProgress(t *testing.T) {
	s := dialReal(t, "default")
	op, err := s.CreateImage(api.ImagesPost{Source: &api.ImagesPostSource{
		ImageSource: api.ImageSource{Protocol: "oci", Server: "https://127.0.0.1:5000", Alias: "debian:13-slim"},
		Mode:        "pull", Type: "image",
	}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var r recorder
	if err := WaitProgress(t.Context(), op, &r); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) == 0 {
		t.Fatal("nothing was reported")
	}
	for _, p := range r.seen {
		if p.Text == "" || p.Percent < -1 || p.Percent > 100 {
			t.Errorf("%+v", p)
		}
	}
	t.Logf("%d reports, the last: %+v", len(r.seen), r.seen[len(r.seen)-1])
}
