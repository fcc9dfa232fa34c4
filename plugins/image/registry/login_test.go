package registry

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/icc-project/icc/plugins/image/reference"
)

func auth(user string) string {
	return `{"auth":"` + base64.StdEncoding.EncodeToString([]byte(user+":secret")) + `"}`
}

// TestLoginFindsWhatPodmanAndDockerWrote changes the environment, so its cases do not run side by side.
func TestLoginFindsWhatPodmanAndDockerWrote(t *testing.T) {
	const docker, podman, chosen, runtime = ".docker/config.json", ".config/containers/auth.json", "chosen.json", "run/containers/auth.json"
	for _, tt := range []struct {
		name  string
		image string
		files map[string]string
		want  string // empty for nobody
		// helper is part of the error of a credential helper.
		helper string
	}{
		{name: "no file, no login", image: "reg.example/app"},
		{name: "docker's", image: "reg.example/app", want: "dora",
			files: map[string]string{docker: `{"auths":{"reg.example":` + auth("dora") + `}}`}},
		{name: "docker's old form with a path", image: "reg.example/app", want: "dora",
			files: map[string]string{docker: `{"auths":{"https://reg.example/v1/":` + auth("dora") + `}}`}},
		{name: "podman's, although docker has logins for others", image: "reg.example/app", want: "pod",
			files: map[string]string{docker: `{"auths":{"other.example":` + auth("dora") + `}}`,
				podman: `{"auths":{"reg.example":` + auth("pod") + `}}`}},
		{name: "the file that a variable names counts most", image: "reg.example/app", want: "chosen",
			files: map[string]string{chosen: `{"auths":{"reg.example":` + auth("chosen") + `}}`,
				runtime: `{"auths":{"reg.example":` + auth("run") + `}}`}},
		{name: "the session's before the lasting one", image: "reg.example/app", want: "run",
			files: map[string]string{podman: `{"auths":{"reg.example":` + auth("pod") + `}}`,
				runtime: `{"auths":{"reg.example":` + auth("run") + `}}`}},
		{name: "a part of a registry before the whole", image: "reg.example/team/app", want: "team",
			files: map[string]string{podman: `{"auths":{"reg.example":` + auth("all") + `,"reg.example/team":` + auth("team") + `}}`}},
		{name: "Docker Hub under its old name", image: "team/app", want: "hub",
			files: map[string]string{docker: `{"auths":{"https://index.docker.io/v1/":` + auth("hub") + `}}`}},
		{name: "Docker Hub under its own name", image: "team/app", want: "hub",
			files: map[string]string{podman: `{"auths":{"docker.io":` + auth("hub") + `}}`}},
		{name: "a credential helper", image: "reg.example/app", want: "helped",
			files: map[string]string{docker: `{"credHelpers":{"reg.example":"test"}}`}},
		{name: "a helper that is missing is no login, and is remembered", image: "reg.example/app", helper: "docker-credential-missing",
			files: map[string]string{docker: `{"credsStore":"missing"}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("HOME", home)
			t.Setenv("DOCKER_CONFIG", "")
			t.Setenv("XDG_CONFIG_HOME", "")
			t.Setenv("XDG_RUNTIME_DIR", filepath.Join(home, "run"))
			t.Setenv("REGISTRY_AUTH_FILE", filepath.Join(home, chosen))
			t.Setenv("PATH", home)
			write(t, filepath.Join(home, "docker-credential-test"), "#!/bin/sh\necho '{\"Username\":\"helped\",\"Secret\":\"x\"}'\n")
			for name, content := range tt.files {
				write(t, filepath.Join(home, name), content)
			}
			ref, err := reference.Parse(tt.image, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, helper, err := login(ref)
			if err != nil {
				t.Fatal(err)
			}
			config, err := got.Authorization()
			if err != nil || config.Username != tt.want || (got == authn.Anonymous) != (tt.want == "") {
				t.Errorf("got the login %+v (%v), want %q", config, err, tt.want)
			}
			if (helper != nil) != (tt.helper != "") || helper != nil && !strings.Contains(helper.Error(), tt.helper) {
				t.Errorf("the helper's error is %v, want %q", helper, tt.helper)
			}
		})
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestLoginFilesThatCannotBeReadAreAnError(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("DOCKER_CONFIG", home)
	write(t, filepath.Join(home, "config.json"), "{")
	ref, err := reference.Parse("reg.example/app", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := login(ref); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}
