//go:build incus

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/test/testbed"
)

// ICC_KILL_POINTS sets how many moments are tried; ICC_KILL_SEED repeats a run.
const killPoints = 10

// killedProject is in two forms; getting from one to the other changes, makes and removes something of every kind. A port
// is published only once: an Incus that is killed while it starts a proxy leaves the proxy behind, which holds its port
// until somebody ends it on the server.
func killedProject() (forms [2]string) {
	const text = `
services:
  db:
    image: busybox:1
    command: [sh, -c, "test -e /data/blob || { head -c 1000000 /dev/urandom >/data/new; mv /data/new /data/blob; }; exec sleep infinity"]
    stop_grace_period: 0s
    volumes: ["data:/data"]
    networks: [back]
    labels: {form: "FORM"}
    healthcheck: {test: [CMD, test, -s, /data/blob], interval: 1s}
  web:
    image: busybox:1
    command: [httpd, -f, -p, "80"]
    scale: SCALE
    environment: {FORM: "FORM"}
    depends_on: {db: {condition: service_healthy}}
    networks: [front, back]
  app:
    image: IMAGE
    command: [sleep, infinity]
    init: false
    stop_grace_period: 0s
    ports: ["PORT:80"]
    volumes: ["EXTRA:/extra", "data:/shared:ro"]
    networks: [front]
volumes: {data: {}, EXTRA: {labels: {form: "FORM"}}}
networks: {front: {}, back: {internal: true}}
`
	for i, values := range [][]string{
		{"FORM", "one", "SCALE", "2", "IMAGE", "busybox:1", "EXTRA", "first"},
		{"FORM", "two", "SCALE", "1", "IMAGE", "debian:13-slim", "EXTRA", "second"},
	} {
		forms[i] = strings.NewReplacer(values...).Replace(text)
	}

	return forms
}

// A kill of icc, of one of its plugins or of the server at any moment of `up` is mended by the next `up`.
func TestAKilledUpIsMendedByTheNext(t *testing.T) {
	t.Parallel()

	seed, points := uint64(time.Now().UnixNano()), killPoints
	readNumber(t, "ICC_KILL_SEED", func(n uint64) { seed = n })
	readNumber(t, "ICC_KILL_POINTS", func(n uint64) { points = int(n) })
	t.Logf("repeat this with ICC_KILL_SEED=%d ICC_KILL_POINTS=%d", seed, points)

	host := testbed.Another(t, testbed.Env(t).Name+"-kill")
	k := &killing{project: newProjectOn(t, host, ""), forms: killedProject(), form: 1, random: rand.New(rand.NewPCG(seed, 0))}
	k.learn()

	for n := range points {
		if k.point(n); t.Failed() {
			return
		}
	}
}

func readNumber(t *testing.T, name string, use func(uint64)) {
	t.Helper()

	text := os.Getenv(name)
	if text == "" {
		return
	}

	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}

	use(n)
}

// killing is a project that is killed again and again.
type killing struct {
	*project
	forms  [2]string
	random *rand.Rand
	form   int
	port   string
	// ends are what undisturbed runs lead to; took is how long they took, by whether the project was down before.
	ends [2]string
	took map[bool]time.Duration
	data string
}

// learn runs undisturbed.
func (k *killing) learn() {
	k.t.Helper()
	k.took = map[bool]time.Duration{}
	k.turn()
	k.ok("up", "-d") // which fetches the images, too
	k.data = k.checksum()
	k.ok("down")
	k.took[true] = k.ok("up", "-d").elapsed

	k.took[false] = patience

	for range 2 {
		k.turn()
		k.took[false] = min(k.took[false], k.ok("up", "-d").elapsed)
		k.ends[k.form] = k.end()
	}

	k.t.Logf("undisturbed: %s from nothing, %s from one form to the other", k.took[true], k.took[false])
}

// turn gives the project its other form.
func (k *killing) turn() {
	k.form, k.port = 1-k.form, strconv.Itoa(freePort())
	k.write("compose.yaml", strings.ReplaceAll(k.forms[k.form], "PORT", k.port))
}

// point kills one run and mends it.
func (k *killing) point(n int) {
	k.t.Helper()

	down := k.random.IntN(4) == 0
	if down {
		k.ok("down")
	}

	k.turn()

	victim := []string{"icc", "icc", "a plugin", "the server"}[k.random.IntN(4)]
	after := time.Duration(k.random.Float64() * 1.1 * float64(k.took[down]))
	what := fmt.Sprintf("point %d: %s is killed %s into an up to form %d (from nothing: %t)", n, victim, after.Round(time.Millisecond), k.form, down)

	r := k.start("up", "-d")
	time.Sleep(after)
	k.kill(victim, r)

	killed := r.wait(patience)
	mended := k.icc("up", "-d")
	tell := func(problem string) {
		k.t.Errorf("%s\n%s\n--- killed: %s\n--- mended: %s", what, problem, killed, mended)
	}

	if mended.code != 0 {
		tell("the next up fails")

		return
	}

	if diff := cmp.Diff(k.ends[k.form], k.end()); diff != "" {
		tell("the end is another one (-undisturbed +mended):\n" + diff)
	}

	if r := k.icc("plan"); r.code != 0 {
		tell("there is something left to do: " + r.String())
	}

	if data := k.checksum(); data != k.data {
		tell("the data is another one: " + data)
	}

	k.t.Logf("%s; exit code %d, mended in %s", what, killed.code, mended.elapsed.Round(time.Millisecond))
}

func (k *killing) kill(victim string, r *running) {
	k.t.Helper()

	switch victim {
	case "icc":
		_ = r.command.Process.Kill() // it may have ended
	case "a plugin":
		if plugins := k.plugins(r.command.Process.Pid); len(plugins) > 0 {
			_ = syscall.Kill(plugins[k.random.IntN(len(plugins))], syscall.SIGKILL)
		}
	case "the server":
		k.host.CrashIncus(k.t)
	}
}

// plugins are the processes that a process has started.
func (k *killing) plugins(icc int) []int {
	k.t.Helper()

	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", icc))
	k.must(err)

	var pids []int

	for _, list := range lists {
		some, _ := os.ReadFile(list) // a thread may have ended
		for field := range strings.FieldsSeq(string(some)) {
			pid, err := strconv.Atoi(field)
			k.must(err)

			pids = append(pids, pid)
		}
	}

	return pids
}

func (k *killing) checksum() string {
	k.t.Helper()

	return k.inside("db", "sha256sum /data/blob")
}
