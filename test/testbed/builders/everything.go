package builders

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/icc-project/icc/sdk/kinds"
)

const everything = `FROM busybox:1 AS base
ARG WORD=default
RUN echo "$WORD" > /word
FROM base AS prod
RUN grep db.example /etc/hosts | awk '{print $1, $2}' > /hosts
RUN ulimit -n > /nofile && df -k /dev/shm | tail -n 1 | awk '{print $2}' > /shm
COPY . /src
COPY --chown=1234:5678 a.txt /owned
RUN echo app:x:77:77::/app:/bin/sh >> /etc/passwd && mkdir /app && chown app /app
ENV A=1 B="two words"
WORKDIR /w
RUN pwd > /pwd
USER app
VOLUME /data
EXPOSE 80 53/udp
STOPSIGNAL SIGINT
HEALTHCHECK --interval=5s --timeout=3s --start-period=2s --retries=4 CMD test -f /word
LABEL own=1
ENTRYPOINT ["/bin/sh", "-c"]
CMD ["sleep 100"]
FROM prod AS unused
RUN false
`

// everything checks a Containerfile with all that it can say, and a build section with nearly all.
func (s *suite) everything(t *testing.T) {
	req := request(t, map[string]string{"docker/Web": everything, ".dockerignore": "*.log\n.dockerignore\nmodules\n", "a.txt": "a", "b.log": "b", "modules/m": "m"})
	s.leavesNothing(t, req)
	req.Build.Dockerfile, req.Build.Target = "docker/Web", "prod"
	req.Build.Args = map[string]string{"WORD": "two words"}
	req.Build.Labels = map[string]string{"label": "x=y"}
	req.Build.Tags = []string{"shop-web:extra"}
	req.Build.ExtraHosts = []string{"db.example=192.0.2.1"}
	req.Build.Ulimits = map[string]string{"nofile": "1000:2000"}
	req.Build.ShmSize = 1 << 20
	req.Build.Network = "host"
	result, sink := s.build(t, req)
	c := Config(t, result)
	want := v1.Config{
		User: "app", WorkingDir: "/w", StopSignal: "SIGINT", Entrypoint: []string{"/bin/sh", "-c"}, Cmd: []string{"sleep 100"},
		Env:          []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1", "B=two words"},
		Labels:       map[string]string{"label": "x=y", "own": "1"},
		Volumes:      map[string]struct{}{"/data": {}},
		ExposedPorts: map[string]struct{}{"80/tcp": {}, "53/udp": {}},
		Healthcheck: &v1.HealthConfig{
			Test: []string{"CMD-SHELL", "test -f /word"}, Interval: 5 * time.Second, Timeout: 3 * time.Second, StartPeriod: 2 * time.Second, Retries: 4,
		},
	}
	if diff := cmp.Diff(want, relevant(c)); diff != "" {
		t.Errorf("the configuration (-want +got):\n%s", diff)
	}
	files := wantFiles()
	if s.Chroot {
		delete(files, "shm") // it is the host's
		if notices := sink.Notices(); len(notices) != 1 || !strings.Contains(notices[0], "build.shm_size has no effect") {
			t.Errorf("steps run in a chroot, and the user hears %q", notices)
		}
	}
	if diff := cmp.Diff(files, chosen(Files(t, result), files)); diff != "" {
		t.Errorf("the files (-want +got):\n%s", diff)
	}
	if steps := strings.Join(sink.Steps(), "\n"); !strings.Contains(steps, "WORKDIR /w") {
		t.Errorf("the user saw no steps:\n%s", steps)
	}
	if s.run(t, "images", "--quiet", "shop-web:extra") == "" {
		t.Error("the extra tag is missing")
	}
}

// relevant leaves out what says nothing about how to run an image.
func relevant(c v1.Config) v1.Config {
	delete(c.Labels, "io.buildah.version") // of the base image
	return v1.Config{
		User: c.User, WorkingDir: c.WorkingDir, StopSignal: c.StopSignal, Entrypoint: c.Entrypoint, Cmd: c.Cmd, Env: c.Env,
		Labels: c.Labels, Volumes: c.Volumes, ExposedPorts: c.ExposedPorts, Healthcheck: c.Healthcheck,
	}
}

// wantFiles are the files that the Containerfile makes; an empty one must not be there.
func wantFiles() map[string]string {
	return map[string]string{
		"word":      "00644 0:0 two words\n",
		"hosts":     "00644 0:0 192.0.2.1 db.example\n",
		"nofile":    "00644 0:0 1000\n",
		"shm":       "00644 0:0 1024\n",
		"src":       "50755 0:0",
		"src/a.txt": "00644 0:0 a",
		"owned":     "00644 1234:5678 a",
		"app":       "50755 77:0",
		"w":         "50755 0:0",
		"pwd":       "00644 0:0 /w\n",
		"src/b.log": "", "src/modules": "", "src/.dockerignore": "",
	}
}

// chosen returns those files of an image whose names are wanted.
func chosen(files, wanted map[string]string) map[string]string {
	out := map[string]string{}
	for name := range wanted {
		out[name] = files[name]
	}
	return out
}

const secretive = `FROM busybox:1 AS build
RUN --mount=type=secret,id=one sha256sum < /run/secrets/one > /sums
RUN --mount=type=secret,id=two sha256sum < /run/secrets/two >> /sums
RUN --mount=type=secret,id=three sha256sum < /run/secrets/three >> /sums
FROM busybox:1
COPY --from=build --chmod=0640 /sums /sums
`

// secrets checks that steps see the secrets, and that no layer does.
func (s *suite) secrets(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": secretive, "secret": "sesame-file"})
	s.leavesNothing(t, req)
	t.Setenv("ICC_TEST_SECRET", "sesame-variable")
	req.Build.Secrets = []kinds.BuildSecret{
		{ID: "one", File: filepath.Join(req.Build.Context, "secret")}, {ID: "two", Content: []byte("sesame-inline")},
		{ID: "three", Environment: "ICC_TEST_SECRET"},
	}
	if !s.supports("secrets") {
		s.expectRefusal(t, req)
		return
	}
	result, _ := s.build(t, req)
	want := "00640 0:0 "
	for _, secret := range []string{"sesame-file", "sesame-inline", "sesame-variable"} {
		sum := fmt.Sprintf("%x", sha256.Sum256([]byte(secret)))
		want += sum + "  -\n"
		if places := holds(t, result, secret); len(places) > 0 {
			t.Errorf("the secret %q is in %v", secret, places)
		}
		if places := holds(t, result, sum); len(places) != 1 {
			t.Errorf("what is in one layer is found in %v", places)
		}
	}
	if got := Files(t, result)["sums"]; got != want {
		t.Errorf("the steps saw %q, want %q", got, want)
	}
}
