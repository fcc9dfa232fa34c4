//go:build incus

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/reconcile"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// initState reads what icc-init says.
func (l *lab) initState(name string) initspec.State {
	l.t.Helper()
	f, err := l.files().Open(name + "/" + initspec.StateFile)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var s initspec.State
	if err := json.NewDecoder(f).Decode(&s); err != nil {
		l.t.Fatal(err)
	}
	return s
}

// config reads the instance's configuration.
func (l *lab) config(name string) map[string]string {
	l.t.Helper()
	inst, _, err := l.server.GetInstance(name)
	if err != nil {
		l.t.Fatal(err)
	}
	return inst.Config
}

// obeyed fails the test when the instance does not run by the orders it has, or was started since before.
func (l *lab) obeyed(c kinds.InstanceConfig, before initspec.State) {
	l.t.Helper()
	name := l.state(c).IncusName
	s, config := l.initState(name), l.config(name)
	if s.PID != before.PID || !s.StartedAt.Equal(before.StartedAt) || s.Restarts != before.Restarts {
		l.t.Errorf("the command was started again: %+v, before %+v", s, before)
	}
	if s.Orders != initspec.Digest([]byte(config[initspec.Key])) || config[reconcile.KeyReload] != "" {
		l.t.Errorf("the orders in force are %q; the mark is %q", s.Orders, config[reconcile.KeyReload])
	}
	if got := l.change(c); got.Class != resource.ClassNone {
		l.t.Errorf("afterwards the plan says %+v", got)
	}
}

// mortal runs until /tmp/fail is there, and then fails.
func (l *lab) mortal(name string) kinds.InstanceConfig {
	return l.service(name, "busybox", "sh", "-c", "while [ ! -e /tmp/fail ]; do sleep 0.05; done; rm /tmp/fail; exit 3")
}

// fails makes a mortal fail. With it, icc-init ends whatever else runs: that may be the command that tells it to.
func (l *lab) fails(c kinds.InstanceConfig) {
	l.t.Helper()
	<-l.exec(l.t.Context(), c, nil, "touch", "/tmp/fail").done
}

func TestOrdersChangeWithoutARestart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.mortal("web")
	c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD", "true"}, Interval: time.Minute}
	c.ExtraHosts = []string{"db=10.9.9.1"}
	name := l.up(c).IncusName
	l.must(c, resource.ActionWait)
	before, pid := l.initState(name), l.pid(name)

	c.Healthcheck = &kinds.Healthcheck{Test: []string{"CMD-SHELL", "echo it is sick; exit 1"}, Interval: 100 * time.Millisecond, Retries: 1}
	c.Restart, c.RestartDelay = "on-failure", 10*time.Millisecond
	c.ExtraHosts, c.DNSOptions, c.StopSignal = []string{"db=10.9.9.2"}, []string{"ndots:3"}, "INT"
	c.StopGracePeriod, c.Logging.MaxFiles = 3*time.Second, 2
	c.PreStop = []kinds.Hook{{Command: []string{"true"}}}
	if change := l.change(c); change.Class != resource.ClassLive || len(change.Fields) < 10 {
		t.Errorf("the plan says %s for %+v", change.Class, change.Fields)
	}
	begin := time.Now()
	l.must(c, resource.ActionEnsure)
	t.Logf("the change took %v", time.Since(begin))
	l.obeyed(c, before)
	if _, _, err := l.run(c, resource.ActionWait, resource.Options{}); !errors.Is(err, resource.ErrUnhealthy) || !strings.Contains(err.Error(), "it is sick") {
		t.Errorf("the new test says %v", err)
	}
	if hosts := l.sh(c, "cat /etc/hosts /etc/resolv.conf"); !strings.Contains(hosts, "10.9.9.2\tdb") || strings.Contains(hosts, "10.9.9.1") || !strings.Contains(hosts, "ndots:3") {
		t.Errorf("the files are %s", hosts)
	}

	l.fails(c)
	eventually(t, "it runs again", func() bool {
		s := l.initState(name)
		return s.Restarts == 1 && s.Phase == initspec.PhaseRunning && s.ExitCode == 3
	})
	if l.pid(name) != pid {
		t.Error("the container was started again")
	}

	c.Healthcheck, c.Restart, c.RestartDelay = nil, "no", 0
	before = l.initState(name)
	l.must(c, resource.ActionEnsure)
	l.obeyed(c, before)
	if s := l.initState(name); s.Health != nil || outputs(t, l.state(c).Outputs).Health != "" {
		t.Errorf("the health is %+v", s.Health)
	}
	l.fails(c)
	eventually(t, "it has ended for good", func() bool { s := l.initState(name); return s.Phase == initspec.PhaseExited && s.Restarts == 1 })
}

// breaking passes everything on to the server but the first exec, at which it calls broken and hangs up.
func (l *lab) breaking(broken func()) (socket string) {
	l.t.Helper()
	socket = filepath.Join(l.t.TempDir(), "incus")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		l.t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", "incus" },
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", l.host.Socket)
		}},
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/exec") {
			broken()
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	})}
	go func() { _ = server.Serve(listener) }()
	l.t.Cleanup(func() { _ = server.Close() })
	return socket
}

func TestOrdersThatWereWrittenAndNotToldAreToldByTheNextRun(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.mortal("web")
	name := l.up(c).IncusName
	before := l.initState(name)
	c.Restart = "on-failure"

	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	first := l.newProvider(func(s *sdk.Settings) { s.IncusSocket = l.breaking(kill) })
	p := l.plan(c)
	_, err := first.Run(ctx, sdk.RunRequest{Resource: l.resolve(c)[0], Action: resource.ActionEnsure, Change: p.Changes[0], State: p.States[0], Inputs: l.inputs()}, &sink{})
	if !errors.Is(err, resource.ErrAborted) {
		t.Fatalf("the first run ends with %v", err)
	}
	if s := l.initState(name); s.Orders != before.Orders || l.config(name)[reconcile.KeyReload] == "" {
		t.Fatalf("the orders in force are %q, before %q", s.Orders, before.Orders)
	}
	if got := l.change(c); got.Class != resource.ClassLive || len(got.Fields) != 0 || !strings.Contains(got.Reason, "not in force") {
		t.Errorf("the next plan says %+v", got)
	}
	if !l.must(c, resource.ActionEnsure).Changed {
		t.Error("the next run says that it changed nothing")
	}
	l.obeyed(c, before)
	l.fails(c)
	eventually(t, "it runs again", func() bool { return l.initState(name).Restarts == 1 })
}

func TestAPausedServiceFollowsItsOrdersLater(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	c := l.sleeper("web")
	name := l.up(c).IncusName
	before := l.initState(name)
	l.power(name, "freeze")
	c.Restart = "always"
	_, s, err := l.run(c, resource.ActionEnsure, resource.Options{})
	if err != nil || len(s.notices) == 0 || !strings.Contains(strings.Join(s.notices, " "), "is paused") {
		t.Errorf("the run says %v, %v", s.notices, err)
	}
	l.power(name, "unfreeze")
	if got := l.change(c).Class; got != resource.ClassLive {
		t.Errorf("afterwards the plan says %s", got)
	}
	l.must(c, resource.ActionEnsure)
	l.obeyed(c, before)
}

func (l *lab) power(name, action string) {
	l.t.Helper()
	op, err := l.server.UpdateInstanceState(name, api.InstanceStatePut{Action: action, Timeout: 10}, "")
	if err == nil {
		err = op.Wait()
	}
	if err != nil {
		l.t.Fatal(err)
	}
}
