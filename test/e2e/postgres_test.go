//go:build incus

package e2e

import (
	"strings"
	"testing"
	"time"
)

const database = `
services:
  db:
    image: "postgres:17"
    environment: {POSTGRES_PASSWORD: "two\nlines"}
    volumes: ["data:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 1s, retries: 60}
volumes: {data: {}}
`

// writing keeps PostgreSQL busy with writes until the server goes away.
func (p *project) writing() *running {
	p.t.Helper()
	p.ok("exec", "-T", "-u", "postgres", "db", "psql", "-qc", "create table t (n bigserial, text text)")

	r := p.start("exec", "-T", "-u", "postgres", "db", "sh", "-c",
		"while psql -qc \"insert into t (text) select repeat('x', 500) from generate_series(1, 2000)\"; do :; done")
	p.until(20*time.Second, "rows are written", func() (string, bool) {
		out := p.icc("exec", "-T", "-u", "postgres", "db", "psql", "-Atc", "select count(*) > 2000 from t").stdout

		return out, strings.TrimSpace(out) == "t"
	})

	return r
}

// cleanly fails the test unless the database was shut down in order, and starts without having to recover.
func (p *project) cleanly() {
	p.t.Helper()

	if log := p.ok("logs", "--no-log-prefix", "db").stdout; !strings.Contains(log, "database system is shut down") {
		p.t.Errorf("the shutdown was not clean:\n%s", log)
	}

	p.ok("up", "-d", "--wait")

	log := p.ok("logs", "--no-log-prefix", "db").stdout
	for _, bad := range []string{"was interrupted", "not properly shut down", "automatic recovery"} {
		if strings.Contains(log, bad) {
			p.t.Errorf("the next start had to recover (%s):\n%s", bad, log)
		}
	}
}

func TestPostgresUnderLoadIsShutDownInOrder(t *testing.T) {
	t.Parallel()
	p := newProject(t, database)
	p.ok("up", "-d", "--wait")
	writer := p.writing()
	p.ok("stop")
	writer.wait(20 * time.Second)
	p.cleanly()

	if row := p.ps("db")[0]; row.Health != "healthy" {
		t.Errorf("db: %+v", row)
	}
}

// With SIGTERM PostgreSQL waits for its clients: one that sleeps for ten seconds makes a shutdown of ten seconds.
func TestPostgresMayTakeItsGracePeriod(t *testing.T) {
	t.Parallel()
	p := newProject(t, strings.Replace(database, "    image:", "    stop_signal: SIGTERM\n    stop_grace_period: 30s\n    image:", 1))
	p.ok("up", "-d", "--wait")
	client := p.start("exec", "-T", "-u", "postgres", "db", "psql", "-qc", "select pg_sleep(10)")
	time.Sleep(time.Second) // the client is connected

	if r := p.ok("stop"); r.elapsed < 6*time.Second || r.elapsed > 20*time.Second {
		t.Errorf("stopping took %s, its client ended after 10 s", r.elapsed)
	}

	if r := client.wait(20 * time.Second); r.code != 0 {
		t.Errorf("the client was cut off: %s", r)
	}

	p.cleanly()
}
