package main

import (
	"reflect"

	"github.com/icc-project/icc/core/compose"
	"github.com/icc-project/icc/core/engine"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// guess is a look at the server that began while the compose files were still being read, for the project that the
// command line and a first look at the files seem to mean.
type guess struct {
	settings sdk.Settings
	glance   *engine.Glance
}

// glanceAhead begins to look as soon as the connection stands. It returns nil when nothing can be guessed: when the
// connection fails, and when the compose file comes from standard input, which can be read only once.
func (s *session) glanceAhead(around func() surroundings, kinds []resource.Kind) *guess {
	name, err := guessedName(loadOptions(s.cli))
	if err != nil {
		return nil
	}
	p, err := nameOnly(s.cli, name, around())
	if err != nil || s.conn == nil {
		return nil
	}
	g := &guess{settings: s.settingsOf(p)}
	s.host.SetSettings(g.settings)
	g.glance = engine.New(engine.Config{Plugins: engine.Hosted(s.host)}).Look(s.cli.Context, kinds...)
	return g
}

// guessedName is the project's name as far as it can be told without the standard input, which is for whoever loads the
// project, wherever it is said that the compose file comes from there.
func guessedName(load compose.LoadOptions) (string, error) {
	load.Stdin = nil
	return compose.ProjectName(load)
}

// settle configures the plugins for the project as it turned out to be. A wrong guess is forgotten.
func (s *session) settle(g *guess) {
	settings := s.settingsOf(s.project)
	if g != nil && reflect.DeepEqual(g.settings, settings) {
		s.glance = g.glance
		return
	}
	s.host.SetSettings(settings)
}

func (s *session) settingsOf(p *project) sdk.Settings {
	settings := s.conn.Settings(p.name, p.incusProject, p.owned)
	settings.Run = s.run
	return settings
}
