package main

import (
	"context"
	"errors"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/connect"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/core/host"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// session is one run of a command that talks to a server: the plugins, the connection and the engine over both.
type session struct {
	cli     *cli.Context
	project *project
	host    *host.Host
	conn    *connect.Connection
	engine  *engine.Engine
	// glance serves the first observation; nil when none could begin early.
	glance *engine.Glance
	view   view.View
	// ages tell which instances this run has made anew already.
	ages ages
	// notices keeps those of several engines apart.
	notices sync.Mutex
	// said are the diagnostics that were shown; what is planned again has the same ones.
	said map[resource.Diagnostic]bool
	// run tells this run of icc from all others.
	run string
}

// usualKinds are started while the compose files are read; what is not needed costs nothing but a start. Those come
// first whose listings take the server longest.
var usualKinds = []resource.Kind{
	resource.KindNetwork, resource.KindInstance, resource.KindImage, resource.KindStorageVolume, resource.KindProject,
}

// likelyKinds returns the usual kinds without those that the project does not seem to have. A plugin that is needed
// after all is started then.
func likelyKinds(c *cli.Context) []resource.Kind {
	if compose.Mentions(loadOptions(c), "volumes", "secrets", "configs") {
		return usualKinds
	}
	return slices.DeleteFunc(slices.Clone(usualKinds), func(k resource.Kind) bool { return k == resource.KindStorageVolume })
}

// open loads the project, connects and starts the plugins of the given kinds, all at once. handlers see the run's
// events besides the view.
func open(c *cli.Context, load loader, kinds []resource.Kind, handlers ...event.Handler) (*session, error) {
	v, err := view.New(progressMode(c), os.Stderr)
	if err != nil {
		return nil, &usageError{text: err.Error(), hint: resource.Hint(err)}
	}
	s := &session{cli: c, view: v, host: newHost(c), run: naming.RandString(16)}
	connecting, giveUp := context.WithCancel(c.Context)
	defer giveUp()
	connected := sync.OnceValue(func() error { return s.connect(connecting) })
	go func() { _ = connected() }() // whoever needs it learns of its errors
	s.host.Prefetch(kinds...)

	around := func() (w surroundings) {
		if connected() == nil {
			w.remote, w.incusProject = s.conn.IsRemote(), s.conn.Project()
		}
		return w
	}
	guessed := make(chan *guess, 1)
	go func() { guessed <- s.glanceAhead(around, kinds) }()
	if s.project, err = load(around); err != nil {
		giveUp() // a mistake in a file is told without the server
	}
	g := <-guessed
	if cerr := connected(); err == nil {
		err = cerr
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	s.settle(g)
	s.engine = engine.New(engine.Config{
		Plugins: engine.Hosted(s.host),
		Events:  event.Tee(append([]event.Handler{withoutLogs(c, quietPull(c, v.Handle))}, handlers...)...),
		Workers: c.Int("parallel"),
		Builder: s.project.builder,
		Stdin:   contextInput(c),
	})
	return s, nil
}

// openServices opens a session for what there is of the services that the command line names, and refuses names that the
// compose files do not have.
func openServices(c *cli.Context, kinds []resource.Kind) (*session, error) {
	s, err := open(c, namedProject(c), kinds)
	if err != nil {
		return nil, err
	}
	if err := s.project.knows(serviceArguments(c)); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// connect opens the connection that the flags and the user's Incus client configuration name.
func (s *session) connect(ctx context.Context) error {
	c := s.cli
	conn, err := connect.Open(ctx, connect.Options{
		Remote:       c.String("remote"),
		IncusProject: c.String("incus-project"),
		StoragePool:  c.String("storage-pool"),
		Logger:       newLogger(c),
	})
	if err != nil {
		return err
	}
	s.conn = conn
	return nil
}

// withoutLogs keeps what services print from the view: logs go to the log printer alone.
func withoutLogs(c *cli.Context, h event.Handler) event.Handler {
	return func(e event.Event) {
		if e.Action == resource.ActionLog && (e.Type == event.Output || e.Type == event.Notice && !concerns(c, e)) {
			return
		}
		h(e)
	}
}

// concerns says whether a notice about a log is for the user: warnings are, and that a log has no times is of interest to
// those who asked for times. icc itself always does.
func concerns(c *cli.Context, e event.Event) bool {
	asked := c.Bool("timestamps") || c.String("since") != "" || c.String("until") != ""
	return asked || e.Level == resource.LevelWarning
}

// silent returns an engine whose events nobody sees.
func (s *session) silent() *engine.Engine {
	return engine.New(engine.Config{Plugins: engine.Hosted(s.host)})
}

// quietPull keeps how far images have come from the view when --quiet-pull, or --quiet of the commands for images, asks
// for that, and what builders print when --quiet-build does.
func quietPull(c *cli.Context, h event.Handler) event.Handler {
	pull, build := c.Bool("quiet-pull") || c.Bool("quiet"), c.Bool("quiet-build")
	return func(e event.Event) {
		quiet := e.Type == event.Progress && pull || e.Type == event.Output && (pull || build)
		if e.Ref.Kind != resource.KindImage || !quiet {
			h(e)
		}
	}
}

// Close ends the plugins and the connection. It may be called on a session that was opened half.
func (s *session) Close() {
	s.view.Close()
	_ = s.host.Close()
	if s.conn != nil {
		_ = s.conn.Close()
	}
}

// note shows the diagnostics that are no errors, each once.
func (s *session) note(diags []resource.Diagnostic) {
	for _, d := range diags {
		if s.said[d] {
			continue
		}
		if s.said == nil {
			s.said = make(map[resource.Diagnostic]bool)
		}
		s.said[d] = true
		level := resource.LevelInfo
		if d.Severity == resource.SeverityWarning {
			level = resource.LevelWarning
		}
		text := d.Text
		if place := d.Position.String(); place != "" {
			text = place + ": " + text
		}
		s.view.Handle(event.Event{Time: time.Now(), Type: event.Notice, Level: level, Text: text, Hint: d.Hint})
	}
}

// notice shows a notice of an engine besides the session's own.
func (s *session) notice(e event.Event) {
	s.notices.Lock()
	defer s.notices.Unlock()
	s.view.Handle(e)
}

// resolve completes the project's declarations.
func (s *session) resolve(ctx context.Context) (*engine.Model, error) {
	s.note(s.project.diagnostics)
	if s.project.translation == nil {
		return engine.NewModel(nil), nil
	}
	m, err := s.engine.Resolve(ctx, s.project.translation.Declarations)
	if s.project.labelled && errors.Is(err, resource.ErrConfig) {
		s.project.compose, s.project.translation = nil, nil
		return engine.NewModel(nil), nil
	}
	if err != nil {
		return nil, err
	}
	s.note(m.Diagnostics)
	return m, nil
}

// survey observes everything of the project on the server. Mistakes in the compose file do not matter here: what exists
// is known by its labels then.
func (s *session) survey(ctx context.Context, opts resource.Options) (*engine.Model, *engine.Observation, error) {
	m := engine.NewModel(nil)
	if s.project.translation != nil {
		if resolved, err := s.engine.Resolve(ctx, s.project.translation.Declarations); err == nil {
			m = resolved
		}
	}
	all, err := s.engine.Kinds(ctx)
	if err != nil {
		return nil, nil, err
	}
	o, err := s.engine.ObserveFrom(ctx, s.glance, m, all, opts)
	return m, o, err
}

// compare resolves the project and observes the kinds that it has. What is wrong with resources that are not selected
// hinders nobody.
func (s *session) compare(ctx context.Context, opts resource.Options, selected selector) (*engine.Model, *engine.Observation, error) {
	m, err := s.resolve(ctx)
	if err != nil {
		return nil, nil, err
	}
	o, err := s.engine.ObserveFrom(ctx, s.glance, m, s.observedKinds(m), opts)
	if err != nil {
		return nil, nil, err
	}
	if again, err := s.renumber(o); again || err != nil {
		if err == nil {
			m, err = s.engine.Resolve(ctx, s.project.translation.Declarations)
		}
		if err == nil {
			o, err = s.engine.Observe(ctx, m, s.observedKinds(m), opts)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	concerned, err := selected(m)
	if err == nil {
		err = o.ErrOf(m, concerned)
	}
	if err != nil {
		return nil, nil, err
	}
	s.note(o.Concerning(m, concerned))
	return m, o, nil
}

// apply runs the plan, or shows it with --dry-run.
func (s *session) apply(ctx context.Context, p *engine.Plan) error {
	if dryRun(s.cli) {
		return printPlanTable(s.cli.App.Writer, p)
	}
	_, err := s.engine.Apply(ctx, p)
	return err
}

// instances observes the project's instances alone.
func (s *session) instances(ctx context.Context) ([]instance, error) {
	kinds := []resource.Kind{resource.KindInstance}
	o, err := s.engine.ObserveFrom(ctx, s.glance, engine.NewModel(nil), kinds, resource.NewOptions())
	if err != nil {
		return nil, err
	}
	return instancesOf(o)
}

func newHost(c *cli.Context) *host.Host {
	return host.New(host.Options{Dirs: host.SearchPath(c.StringSlice("plugin-dir")), Logger: newLogger(c)})
}

// newLogger logs to stderr with --debug, and nothing otherwise: what users must know comes as events and errors.
func newLogger(c *cli.Context) hclog.Logger {
	if !c.Bool("debug") {
		return hclog.NewNullLogger()
	}
	return hclog.New(&hclog.LoggerOptions{Name: "icc", Level: hclog.Debug, Output: os.Stderr})
}

// progressMode combines --progress and --ansi as docker compose does.
func progressMode(c *cli.Context) string {
	mode := c.String("progress")
	if mode != "" && mode != "auto" {
		return mode
	}
	switch {
	case c.Bool("debug"), c.String("ansi") == "never":
		return "plain"
	case c.String("ansi") == "always":
		return "tty"
	}
	return mode
}
