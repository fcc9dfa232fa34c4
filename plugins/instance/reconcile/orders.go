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

// order is something that icc-init is told, by the name that it has in compose files.
type order struct {
	path string
	// field is the one of initspec.Spec that holds it.
	field string
	class resource.Class
	value func(*initspec.Spec) string
}

// orders are all of them but Env, whose variables are compared one by one. What a process is started with takes a
// restart; the rest icc-init changes while it runs (initspec.Spec.Reload), or is told when it is needed, as hooks are.
func orders() []order {
	const again, live = resource.ClassRestart, resource.ClassLive
	return slices.Concat([]order{
		{"icc-init's orders", "Version", again, func(s *initspec.Spec) string { return strconv.Itoa(s.Version) }},
		{"command", "Argv", again, func(s *initspec.Spec) string { return strings.Join(s.Argv, " ") }},
		{"working_dir", "Cwd", again, func(s *initspec.Spec) string { return s.Cwd }},
		{"user", "User", again, func(s *initspec.Spec) string { return s.User }},
		{"group_add", "Groups", again, func(s *initspec.Spec) string { return strings.Join(s.Groups, ",") }},
		{"hostname", "Hostname", again, func(s *initspec.Spec) string { return s.Hostname }},
		{"domainname", "Domainname", again, func(s *initspec.Spec) string { return s.Domainname }},
		{"extra_hosts", "Hosts", live, func(s *initspec.Spec) string { return strings.Join(s.Hosts, ",") }},
		{"dns_opt", "DNSOptions", live, func(s *initspec.Spec) string { return strings.Join(s.DNSOptions, ",") }},
		{pathResolver, "Resolvers", live, func(s *initspec.Spec) string { return onOff(len(s.Resolvers) > 0) }},
		{"read_only", "ReadOnly", again, func(s *initspec.Spec) string { return flag(s.ReadOnly) }},
		{"cap_add", "CapAdd", again, func(s *initspec.Spec) string { return strings.Join(s.CapAdd, ",") }},
		{"cap_drop", "CapDrop", again, func(s *initspec.Spec) string { return strings.Join(s.CapDrop, ",") }},
		{"no-new-privileges", "NoNewPrivileges", again, func(s *initspec.Spec) string { return flag(s.NoNewPrivileges) }},
		{"oom_score_adj", "OOMScoreAdj", again, func(s *initspec.Spec) string { return strconv.Itoa(s.OOMScoreAdj) }},
		{"umask", "Umask", again, func(s *initspec.Spec) string { return s.Umask }},
		{"tty", "TTY", again, func(s *initspec.Spec) string { return flag(s.TTY) }},
		{"stdin_open", "Stdin", again, func(s *initspec.Spec) string { return flag(s.Stdin) }},
		{"attach first", "AwaitAttach", again, func(s *initspec.Spec) string { return flag(s.AwaitAttach) }},
		{"init", "Takeover", again, func(s *initspec.Spec) string { return flag(!s.Takeover) }},
		{"stop_signal", "StopSignal", live, func(s *initspec.Spec) string { return s.StopSignal }},
		{pathGrace, "Grace", live, func(s *initspec.Spec) string { return grace(s).String() }},
		{"restart", "Restart", live, func(s *initspec.Spec) string { return restart(s.Restart) }},
		{"logging", "Log", live, func(s *initspec.Spec) string { return logging(s.Log) }},
		{pathPostStart, "PostStart", live, func(s *initspec.Spec) string { return document(s.PostStart) }},
		{pathPreStop, "PreStop", live, func(s *initspec.Spec) string { return document(s.PreStop) }},
	}, healthOrders())
}

// Orders that even an icc-init is told that cannot read them anew, and those that plans do not show.
const (
	pathGrace     = "stop_grace_period"
	pathPostStart = "post_start"
	pathPreStop   = "pre_stop"
	// pathResolver counts from the next start on with an icc-init that does not know of it; until then names are resolved
	// as before. Which servers are asked is told by oci.dns.nameservers.
	pathResolver = "x-icc.resolver"
)

// healthOrders are those of the health test, of which an absent one has none.
func healthOrders() []order {
	of := func(path string, value func(initspec.Health) string) order {
		return order{path, "Health", resource.ClassLive, func(s *initspec.Spec) string {
			if s.Health == nil {
				return ""
			}
			return value(*s.Health)
		}}
	}
	duration := func(d time.Duration) string { return part("", d) }
	return []order{
		of("healthcheck.test", func(h initspec.Health) string { return document(h.Test) }),
		of("healthcheck.interval", func(h initspec.Health) string { return duration(h.Interval) }),
		of("healthcheck.timeout", func(h initspec.Health) string { return duration(h.Timeout) }),
		of("healthcheck.start_period", func(h initspec.Health) string { return duration(h.StartPeriod) }),
		of("healthcheck.start_interval", func(h initspec.Health) string { return duration(h.StartInterval) }),
		of("healthcheck.retries", func(h initspec.Health) string { return strings.TrimPrefix(strconv.Itoa(h.Retries), "0") }),
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
			if o.path == pathPostStart || o.path == pathPreStop {
				f.Before, f.After, f.Sensitive = "", "", true
			}
			out = append(out, f)
		}
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
		f := resource.FieldChange{Path: spec.EnvironmentPrefix + name, Before: old, After: value, Class: resource.ClassRestart}
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
func inOrders(key string) bool {
	return strings.HasPrefix(key, spec.EnvironmentPrefix) || spec.HealthKey(key)
}

func supervisor(s *initspec.Spec) string {
	if s == nil {
		return "Incus"
	}
	return "icc-init"
}

// restart says the policy as compose files do, and what deploy.restart_policy adds.
func restart(r initspec.Restart) string {
	if r.Policy == "" || r.Policy == initspec.RestartNo {
		return initspec.RestartNo
	}
	out := r.Policy
	if r.MaxAttempts != 0 {
		out += ":" + strconv.Itoa(r.MaxAttempts)
	}
	return out + part(" delay=", r.Delay) + part(" window=", r.Window)
}

func part(name string, d time.Duration) string {
	if d == 0 {
		return ""
	}
	return name + d.String()
}

// logging says the bounds of the log, as far as they are not the usual ones.
func logging(l initspec.Log) string {
	if l.Disabled {
		return "none"
	}
	out := "json-file"
	if l.MaxSize != 0 {
		out += " max-size=" + strconv.FormatInt(l.MaxSize, 10)
	}
	if l.MaxFiles != 0 {
		out += " max-file=" + strconv.Itoa(l.MaxFiles)
	}
	return out
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

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func flag(on bool) string { return strconv.FormatBool(on) }
