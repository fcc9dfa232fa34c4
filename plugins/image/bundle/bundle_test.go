package bundle_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/icc-project/icc/plugins/image/bundle"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

const (
	passwd = "root:x:0:0:root:/root:/bin/sh\nredis:x:999:1000::/data:/bin/false\n"
	group  = "root:x:0:\nredis:x:1000:\nssl:x:7:redis\n"
)

func TestFindUser(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]bundle.User{
		"":          {UID: 0, GID: 0},
		"redis":     {UID: 999, GID: 1000},
		"999":       {UID: 999, GID: 1000},
		"redis:ssl": {UID: 999, GID: 7},
		"redis:44":  {UID: 999, GID: 44},
		"1234":      {UID: 1234, GID: 0},
		"1234:5678": {UID: 1234, GID: 5678},
	} {
		got, err := bundle.FindUser(user, []byte(passwd), []byte(group))
		if err != nil {
			t.Errorf("FindUser(%q): %v", user, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(bundle.User{})); diff != "" {
			t.Errorf("FindUser(%q) (-want +got):\n%s", user, diff)
		}
	}
	for _, user := range []string{"nobody", "redis:nogroup"} {
		if _, err := bundle.FindUser(user, []byte(passwd), []byte(group)); !errors.Is(err, resource.ErrImageSource) || resource.Hint(err) == "" {
			t.Errorf("FindUser(%q) = %v, want ErrImageSource with a hint", user, err)
		}
	}
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	user, err := bundle.FindUser("redis", []byte(passwd), nil)
	if err != nil {
		t.Fatal(err)
	}
	img := bundle.Image{
		Architecture: "x86_64", CreatedAt: time.Unix(1700000000, 0), User: user,
		Properties: map[string]string{"user.icc.project": "shop"},
		Process: &kinds.ImageProcess{
			Entrypoint: []string{"/entry"}, Cmd: []string{"redis-server", "--port 1"},
			Env: []string{"A=1=2", "KEY=two\nlines", "NOVALUE", "=x"},
		},
	}
	data, err := bundle.Metadata(img)
	if err != nil {
		t.Fatal(err)
	}
	again, err := bundle.Metadata(img)
	if err != nil || !bytes.Equal(data, again) {
		t.Errorf("the same image gave other bytes, error %v", err)
	}
	got := map[string]any{}
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var content any
		if err := json.NewDecoder(r).Decode(&content); err != nil {
			t.Fatal(err)
		}
		got[h.Name] = content
	}
	want := map[string]any{
		"metadata.yaml": map[string]any{
			"architecture": "x86_64", "creation_date": 1.7e9,
			"properties": map[string]any{"type": "oci", "user.icc.project": "shop"},
		},
		"config.json": map[string]any{
			"ociVersion": "1.0.2",
			"root":       map[string]any{"path": "rootfs"},
			"process": map[string]any{
				"terminal": true, "cwd": "/",
				"user": map[string]any{"uid": 999.0, "gid": 1000.0},
				"args": []any{"/entry", "redis-server", "--port 1"},
				"env":  []any{"A=1=2", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/data"},
			},
			"mounts": []any{map[string]any{
				"destination": "/dev/shm", "type": "tmpfs", "source": "shm",
				"options": []any{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"},
			}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
}
