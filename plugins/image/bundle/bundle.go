package bundle

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
)

// Image is what the metadata says about an image.
type Image struct {
	// Architecture is Incus' name for it, for example "x86_64".
	Architecture string
	CreatedAt    time.Time
	// Properties become the image's properties on the server. They are part of its fingerprint.
	Properties map[string]string
	Process    *kinds.ImageProcess
	User       User
}

// Metadata returns the tar. Equal images give equal bytes.
func Metadata(img Image) ([]byte, error) {
	properties := map[string]string{"type": "oci"}
	for k, v := range img.Properties {
		properties[k] = v
	}
	// JSON is YAML, and Incus writes its own metadata.yaml like this.
	metadata, err := json.Marshal(map[string]any{
		"architecture":  img.Architecture,
		"creation_date": max(img.CreatedAt.Unix(), 1), // 0 means "now" to the server
		"properties":    properties,
	})
	if err != nil {
		return nil, fmt.Errorf("writing metadata.yaml: %w", err)
	}
	config, err := json.Marshal(runtimeSpec(img))
	if err != nil {
		return nil, fmt.Errorf("writing config.json: %w", err)
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range []struct {
		name string
		data []byte
	}{{"config.json", config}, {"metadata.yaml", metadata}} {
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: int64(len(f.data))}); err != nil {
			return nil, fmt.Errorf("writing %s: %w", f.name, err)
		}
		if _, err := w.Write(f.data); err != nil {
			return nil, fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// spec is the part of OCI's runtime specification that Incus reads.
type spec struct {
	Version string  `json:"ociVersion"`
	Process process `json:"process"`
	Root    root    `json:"root"`
	Mounts  []mount `json:"mounts"`
}

type process struct {
	Terminal bool     `json:"terminal"`
	User     User     `json:"user"`
	Args     []string `json:"args"`
	Env      []string `json:"env"`
	Cwd      string   `json:"cwd"`
}

type root struct {
	Path string `json:"path"`
}

type mount struct {
	Destination string   `json:"destination"`
	Type        string   `json:"type"`
	Source      string   `json:"source"`
	Options     []string `json:"options"`
}

func runtimeSpec(img Image) spec {
	p := img.Process
	cwd := p.WorkingDir
	if cwd == "" {
		cwd = "/"
	}
	return spec{
		Version: "1.0.2",
		Root:    root{Path: "rootfs"},
		Process: process{
			Terminal: true,
			User:     img.User,
			Args:     slices.Concat(p.Entrypoint, p.Cmd),
			Env:      environment(p.Env, img.User.home),
			Cwd:      cwd,
		},
		Mounts: []mount{{
			Destination: "/dev/shm", Type: "tmpfs", Source: "shm",
			Options: []string{"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"},
		}},
	}
}

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// environment adds what Docker adds, and leaves out what Incus would fail on: line breaks and entries without a value.
func environment(env []string, home string) []string {
	var out []string
	has := map[string]bool{}
	for _, e := range env {
		key, _, ok := strings.Cut(e, "=")
		if !ok || key == "" || strings.ContainsAny(e, "\r\n") {
			continue
		}
		has[key] = true
		out = append(out, e)
	}
	if !has["PATH"] {
		out = append(out, defaultPath)
	}
	if !has["HOME"] && home != "" {
		out = append(out, "HOME="+home)
	}
	return out
}
