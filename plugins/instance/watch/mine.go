package watch

import (
	"slices"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// concerns says whether the instance belongs to a Compose project that is watched.
func (w *Watcher) concerns(inst *api.Instance) bool {
	project := inst.Config[resource.KeyProject]
	return project != "" && (len(w.Projects) == 0 || slices.Contains(w.Projects, project))
}

// mine says whether the instance is one to watch: there is something to do, and nobody else is to do it.
func (w *Watcher) mine(inst *api.Instance) bool {
	config := inst.Config
	if !w.concerns(inst) || spec.Supervised(config) || config[resource.HealthDaemonKey] == "false" {
		return false
	}
	return spec.Healthcheck(config) != nil || parsePolicy(config[spec.KeyRestart]).again
}

// say reports what happens to an instance.
func (w *Watcher) say(level resource.Level, key Key, text string) {
	w.Sink.Notice(level, key.Name+" "+text)
}
