package reconcile

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// order is a field of what icc-init is told, by the name that it has in compose files.
type order struct {
	path  string
	class resource.Class
	value func(*initspec.Spec) string
}

// orders are the fields but environment and health test, which have keys of their own. icc-init reads its orders once,
// so even what would not disturb the process takes a start; hooks and the grace period are told when they are needed.
func orders() []order {
	const again, anew, live = resource.ClassRestart, resource.ClassRecreate, resource.ClassLive
	return []order{
		{"command", anew, func(s *initspec.Spec) string { return strings.Join(s.Argv, " ") }},
		{"working_dir", anew, func(s *initspec.Spec) string { return s.Cwd }},
		{"user", anew, func(s *initspec.Spec) string { return s.User }},
		{"group_add", anew, func(s *initspec.Spec) string { return strings.Join(s.Groups, ",") }},
		{"hostname", anew, func(s *initspec.Spec) string { return s.Hostname }},
		{"domainname", anew, func(s *initspec.Spec) string { return s.Domainname }},
		{"extra_hosts", anew, func(s *initspec.Spec) string { return strings.Join(s.Hosts, ",") }},
		{"dns_opt", anew, func(s *initspec.Spec) string { return strings.Join(s.DNSOptions, ",") }},
		{"read_only", anew, func(s *initspec.Spec) string { return flag(s.ReadOnly) }},
		{"cap_add", anew, func(s *initspec.Spec) string { return strings.Join(s.CapAdd, ",") }},
		{"cap_drop", anew, func(s *initspec.Spec) string { return strings.Join(s.CapDrop, ",") }},
		{"no-new-privileges", anew, func(s *initspec.Spec) string { return flag(s.NoNewPrivileges) }},
		{"oom_score_adj", anew, func(s *initspec.Spec) string { return strconv.Itoa(s.OOMScoreAdj) }},
		{"umask", anew, func(s *initspec.Spec) string { return s.Umask }},
		{"tty", anew, func(s *initspec.Spec) string { return flag(s.TTY) }},
		{"stdin_open", anew, func(s *initspec.Spec) string { return flag(s.Stdin) }},
		{"attach first", anew, func(s *initspec.Spec) string { return flag(s.AwaitAttach) }},
		{"init", anew, func(s *initspec.Spec) string { return flag(!s.Takeover) }},
		{"stop_signal", again, func(s *initspec.Spec) string { return s.StopSignal }},
		{"restart", again, func(s *initspec.Spec) string { return restart(s.Restart) }},
		{"logging", again, func(s *initspec.Spec) string { return document(s.Log) }},
		{"stop_grace_period", live, func(s *initspec.Spec) string { return grace(s).String() }},
		{"post_start", live, func(s *initspec.Spec) string { return document(s.PostStart) }},
		{"pre_stop", live, func(s *initspec.Spec) string { return document(s.PreStop) }},
	}
}

// orderChanges compares what icc-init is told with what it was told. Hooks may name secrets, so they are not shown.
func orderChanges(want, have *initspec.Spec) []resource.FieldChange {
	if want == nil || have == nil {
		if want == have {
			return nil
		}
		return []resource.FieldChange{{Path: "init", Class: resource.ClassRecreate, Before: supervisor(have), After: supervisor(want)}}
	}
	var out []resource.FieldChange
	for _, o := range orders() {
		if before, after := o.value(have), o.value(want); before != after {
			f := resource.FieldChange{Path: o.path, Before: before, After: after, Class: o.class}
			if o.path == "post_start" || o.path == "pre_stop" {
				f.Before, f.After, f.Sensitive = "", "", true
			}
			out = append(out, f)
		}
	}
	if want.Version != have.Version {
		out = append(out, resource.FieldChange{Path: "icc-init's orders", Class: resource.ClassRestart,
			Before: strconv.Itoa(have.Version), After: strconv.Itoa(want.Version)})
	}
	return append(out, variableChanges(want.Env, have.Env)...)
}

// variableChanges compares the environments, of which the configuration has only what Incus can store.
func variableChanges(want, have []string) []resource.FieldChange {
	before, after := variables(have), variables(want)
	var out []resource.FieldChange
	for _, name := range slices.Sorted(maps.Keys(union(before, after))) {
		old, had := before[name]
		value, wanted := after[name]
		if old == value && had == wanted {
			continue
		}
		f := resource.FieldChange{Path: spec.EnvironmentPrefix + name, Before: old, After: value, Class: resource.ClassRecreate}
		if spec.SensitiveKey(f.Path) {
			f.Before, f.After, f.Sensitive = "", "", true
		}
		out = append(out, f)
	}
	return out
}

func variables(env []string) map[string]string {
	out := make(map[string]string, len(env))
	for _, entry := range env {
		name, value, _ := strings.Cut(entry, "=")
		out[name] = value
	}
	return out
}

// inOrders says whether a configuration key only repeats what orderChanges tells.
func inOrders(key string) bool { return strings.HasPrefix(key, spec.EnvironmentPrefix) }

func supervisor(s *initspec.Spec) string {
	if s == nil {
		return "Incus"
	}
	return "icc-init"
}

func restart(r initspec.Restart) string {
	if r.Policy == "" {
		return initspec.RestartNo
	}
	return document(r)
}

func grace(s *initspec.Spec) time.Duration {
	if s.Grace == nil {
		return spec.DefaultGrace
	}
	return *s.Grace
}

func document(v any) string {
	raw, _ := json.Marshal(v) // plain structs always encode
	return string(raw)
}

func flag(on bool) string { return strconv.FormatBool(on) }
