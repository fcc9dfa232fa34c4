//go:build incus

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const database = `
services:
  db:
    image: "postgres:17"
    environment: {POSTGRES_PASSWORD: "two\nlines"}
    volumes: ["data:/var/lib/postgresql/data", "./here:/here"]
    stop_grace_period: 10m
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 1s, retries: 600}
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

	// Standard output has what the server says that makes the database on a first start.
	if log := p.ok("logs", "--no-log-prefix", "db").stderr; !strings.Contains(log, "database system is shut down") {
		p.t.Errorf("the shutdown was not clean:\n%s", log)
	}

	p.ok("up", "-d", "--wait")

	log := p.ok("logs", "--no-log-prefix", "db").stderr
	for _, bad := range []string{"was interrupted", "not properly shut down", "automatic recovery"} {
		if strings.Contains(log, bad) {
			p.t.Errorf("the next start had to recover (%s):\n%s", bad, log)
		}
	}
}

func TestPostgresUnderLoadIsShutDownInOrder(t *testing.T) {
	t.Parallel()
	p := newProject(t, database)
	p.write("here/log", "")
	p.ok("up", "-d", "--wait")
	writer := p.writing()
	p.ok("stop")
	writer.wait(20 * time.Second)
	p.cleanly()

	if row := p.ps("db")[0]; row.Health != "healthy" {
		t.Errorf("db: %+v", row)
	}
}

// With SIGTERM PostgreSQL waits for its clients: a shutdown takes as long as the last one stays.
func TestPostgresMayTakeItsGracePeriod(t *testing.T) {
	t.Parallel()
	p := newProject(t, strings.Replace(database, "    image:", "    stop_signal: SIGTERM\n    image:", 1))
	p.write("here/log", "")
	p.must(os.Chmod(filepath.Join(p.dir, "here"), 0o777))
	p.ok("up", "-d", "--wait")
	client := p.start("exec", "-T", "-u", "postgres", "-e", "PGAPPNAME=client", "db", "sh", "-c",
		"(until test -e /here/go; do sleep 0.1; done; echo \"copy (select 6 * 7) to '/here/answer';\") | psql -q")
	p.until(20*time.Second, "the client is connected", func() (string, bool) {
		out := p.icc("exec", "-T", "-u", "postgres", "db", "psql", "-Atc", "select count(*) from pg_stat_activity where application_name = 'client'").stdout

		return out, out == "1\n"
	})

	stop := p.start("stop")
	p.logged("db", "received smart shutdown request")
	p.write("here/go", "")

	// The server writes the answer. When the client has gone it ends, and with it whoever is left in its container: that
	// may be the client's shell.
	r := client.wait(20 * time.Second)

	if answer, err := os.ReadFile(filepath.Join(p.dir, "here", "answer")); string(answer) != "42\n" {
		t.Errorf("the client was cut off: %q, %v, %s", answer, err, r)
	}

	if r := stop.wait(20 * time.Second); r.code != 0 {
		t.Error(r)
	}

	p.cleanly()
}
