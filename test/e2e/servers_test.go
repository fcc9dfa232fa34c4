//go:build incus

package e2e

import (
	"fmt"
	"strings"
	"testing"
)

func TestRedisAndNginxStopInOrder(t *testing.T) {
	t.Parallel()

	port := freePort()
	p := newProject(t, fmt.Sprintf(`
services:
  redis: {image: redis, volumes: ["data:/data"], stop_grace_period: 2m}
  nginx:
    stop_grace_period: 2m
    user: nginx
    ports: ["%d:80"]
    build:
      dockerfile_inline: |
        FROM nginx
        RUN mkdir -p /var/lib/nginx && chown -R nginx /var/lib/nginx && sed -i 's|^pid .*|pid /tmp/nginx.pid;|' /etc/nginx/nginx.conf
volumes: {data: {}}
`, port))
	p.ok("up", "-d")
	p.logged("redis", "Ready to accept connections")

	// Ports below 1024 are for every user of the container, as with Docker.
	p.get(port, "/")

	if got := p.inside("nginx", "id -un; stat -c %U /proc/$(cat /tmp/nginx.pid)"); got != "nginx\nnginx" {
		t.Errorf("nginx runs as %q", got)
	}

	p.ok("exec", "-T", "redis", "redis-cli", "set", "word", "kept")
	p.ok("stop")

	for service, want := range map[string][]string{
		"redis": {"DB saved on disk", "Redis is now ready to exit, bye bye"},
		// SIGQUIT is the image's stop signal, and means: gracefully.
		"nginx": {"gracefully shutting down", "exit"},
	} {
		r := p.ok("logs", "--no-log-prefix", service)
		out := r.stdout + r.stderr

		for _, text := range want {
			if !strings.Contains(out, text) {
				t.Errorf("the log of %s does not say %q:\n%s", service, text, out)
			}
		}

		if row := p.ps(service)[0]; row.State != "exited" || row.ExitCode != 0 {
			t.Errorf("%s: %+v", service, row)
		}
	}

	p.ok("start")
	p.until(patience, "redis answers", func() (string, bool) {
		r := p.icc("exec", "-T", "redis", "redis-cli", "get", "word")

		return r.String(), strings.TrimSpace(r.stdout) == "kept"
	})
}
