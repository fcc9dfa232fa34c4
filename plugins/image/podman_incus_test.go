//go:build incus

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

const containerfile = `FROM busybox:1
RUN echo "app:x:1234:1234::/app:/bin/sh" >> /etc/passwd && mkdir /app && echo one > /app/one && ln /app/one /app/link && chown -R 1234:1234 /app
RUN rm -rf /home /app/one && mkdir /home && echo new > /home/new
USER app
WORKDIR /app
VOLUME /data
HEALTHCHECK --interval=7s CMD test -f /app/link
CMD ["sh", "-c", "(id -u; cat link; ls / /home) > new; mv new out; exec sleep 1000"]
`

// TestPodmansArchivesRun takes what podman really writes, in both forms, all the way to a running container.
func TestPodmansArchivesRun(t *testing.T) {
	b := newBed(t, "shop")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Containerfile"), []byte(containerfile), 0o644); err != nil {
		t.Fatal(err)
	}
	podman(t, "build", "--format", "docker", "--tag", "shop-web", dir)
	id := podman(t, "image", "inspect", "--format", "sha256:{{.Id}}", "shop-web")
	for form, ref := range map[string]string{"docker-archive": "shop-web", "oci-archive": "shop-oci"} {
		archive := filepath.Join(dir, form)
		podman(t, "save", "--quiet", "--format", form, "--output", archive, "shop-web")
		digest := id
		if form == "oci-archive" {
			digest = "sha256:" + strings.Repeat("0c1", 21) + "0" // another image, so that it is imported
		}
		built := kinds.BuildResult{Archive: archive, Digest: digest, Builder: "podman", Version: "4"}
		out, _ := b.mustEnsure(buildConfig(ref), resource.Options{}, inputOf(t, ref, built))
		if p := out.Process; p.User != "app" || p.Volumes[0] != "/data" || p.WorkingDir != "/app" {
			t.Errorf("%s: the configuration is %+v", form, p)
		}
		if h := out.Process.Healthcheck; form == "docker-archive" && (h == nil || h.Interval != 7*time.Second) {
			t.Errorf("%s: the health check is %+v", form, h)
		}
		b.start(ref+"-1", out.Fingerprint, nil)
		got := b.read(ref+"-1", "/app/out")
		if !strings.HasPrefix(got, "1234\none\n") || !strings.Contains(got, "new\n") {
			t.Errorf("%s: the container wrote %q", form, got)
		}
	}
}

func podman(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.Command("podman", args...)
	command.Env = append(os.Environ(), "TMPDIR="+t.TempDir()) // other packages look at what builds leave in the usual places
	out, err := command.Output()
	if err != nil {
		t.Fatalf("podman %v: %v\n%s", args, err, err.(*exec.ExitError).Stderr)
	}
	return strings.TrimSpace(string(out))
}
