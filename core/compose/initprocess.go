package compose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	units "github.com/docker/go-units"

	"github.com/icc-project/icc/sdk/kinds"
)

// initOf says who is a service's PID 1, and whether that is known to be somebody else than icc-init: what only icc-init
// can do is then announced.
func (t *translator) initOf(s serviceConfig, ext extension) (mode string, bare bool) {
	switch {
	case !ext.flag("init", t.top.flag("init", true)):
		return kinds.InitOff, true
	case t.instanceType(ext) == typeVM, s.Build == nil && strings.HasPrefix(s.Image, "images:"):
		return "", true // it boots an init of its own
	case s.Init != nil && !*s.Init:
		return kinds.InitTakeover, false
	}
	return "", false
}

// isBare says whether icc-init is known not to be a service's PID 1.
func (t *translator) isBare(s serviceConfig) bool {
	_, bare := t.initOf(s, t.extension(s.Extensions, servicePath(s.Name), serviceKeys))
	return bare
}

// tellsExit says whether somebody will know how a service's process ended.
func (t *translator) tellsExit(s serviceConfig) bool {
	mode, bare := t.initOf(s, t.extension(s.Extensions, servicePath(s.Name), serviceKeys))
	return mode == "" && !bare
}

// supervise translates what icc-init does for the process beyond starting it.
func (t *translator) supervise(c *kinds.InstanceConfig, s serviceConfig, ext extension) {
	path := servicePath(s.Name)
	var bare bool
	c.Init, bare = t.initOf(s, ext)
	c.NoResolver = !ext.flag("resolver", t.top.flag("resolver", true))
	c.ReadOnly, c.CapAdd, c.CapDrop = s.ReadOnly, s.CapAdd, s.CapDrop
	if s.Umask != nil {
		c.Umask = fmt.Sprintf("%03o", *s.Umask)
	}
	if s.Deploy != nil && s.Deploy.RestartPolicy != nil {
		c.RestartDelay, c.RestartWindow = duration(s.Deploy.RestartPolicy.Delay), duration(s.Deploy.RestartPolicy.Window)
	}
	c.NoNewPrivileges = t.securityOptions(s, path+".security_opt")
	c.Logging = t.logging(s.Logging, path+".logging")
	c.PostStart, c.PreStop = t.hooks(s.PostStart, path+".post_start"), t.hooks(s.PreStop, path+".pre_stop")
	if len(s.CapAdd) > 0 && len(s.CapDrop) == 0 {
		t.info(path+".cap_add", "root of a container has all capabilities within it already; none reach outside", "")
	}
	switch {
	case bare:
		t.checkProcess(s, path)
	case c.Init == kinds.InitTakeover && c.Restart != "" && c.Restart != "no":
		t.warn(path+".init", fmt.Sprintf("init: false makes the command PID 1 itself, so nobody sees it end, and restart: %s does nothing", c.Restart),
			"leave init out")
	}
	t.checkUnset(s, path)
}

// gracePeriod is how long a stop waits. No time at all is written as the shortest one, because 0 means the default.
func gracePeriod(d *types.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return max(duration(d), time.Millisecond)
}

// securityOptions reads security_opt, of which no-new-privileges exists on Incus.
func (t *translator) securityOptions(s serviceConfig, path string) bool {
	noNew := false
	for i, opt := range s.SecurityOpt {
		at := t.item(path, i, len(s.SecurityOpt))
		name, value, _ := strings.Cut(strings.Replace(opt, "=", ":", 1), ":")
		if name != "no-new-privileges" {
			t.warn(at, fmt.Sprintf("not applied: %q is NOT in force. Incus' own AppArmor and seccomp rules are", opt),
				"set what you need with x-incus, such as raw.apparmor or security.syscalls.*")
			continue
		}
		on, err := strconv.ParseBool(value)
		if value != "" && err != nil {
			t.fail(at, fmt.Sprintf("no-new-privileges is %q", value), "write no-new-privileges, or no-new-privileges:true")
		}
		noNew = value == "" || on
	}
	return noNew
}

// logging reads the options of Docker's drivers json-file and local, of which the size of the log makes sense here.
func (t *translator) logging(l *types.LoggingConfig, path string) kinds.Logging {
	var out kinds.Logging
	if l == nil {
		return out
	}
	switch l.Driver {
	case "", "json-file", "local":
	case "none":
		out.Disabled = true
		return out
	default:
		t.warn(path+".driver", fmt.Sprintf("logs do not go to %q: there are no log drivers, icc keeps them itself", l.Driver),
			"read them with icc logs, and remove the driver or write json-file")
		return out
	}
	for _, name := range sortedKeys(l.Options) {
		at, value := path+".options."+name, strings.TrimSpace(l.Options[name])
		switch name {
		case "max-size":
			size, err := units.FromHumanSize(value)
			switch {
			case value == "-1":
				t.warn(at, "a log without a limit does not exist here; the usual 20 MB a file are kept", "write a size, such as 100m")
			case err != nil || size <= 0:
				t.fail(at, fmt.Sprintf("%q is not a size", value), "write a number with a unit, such as 10m")
			default:
				out.MaxSize = size
			}
		case "max-file":
			files, err := strconv.Atoi(value)
			if err != nil || files < 1 {
				t.fail(at, fmt.Sprintf("%q is not a number of files", value), "write a number from 1 up")
				continue
			}
			out.MaxFiles = files
		case "compress":
			t.info(at, "logs are not compressed", "")
		default:
			t.warn(at, fmt.Sprintf("option %q of a log has no effect in icc", name), "remove it; max-size and max-file are the ones that exist")
		}
	}
	return out
}

// hooks translates the commands of post_start or pre_stop.
func (t *translator) hooks(list []types.ServiceHook, path string) []kinds.Hook {
	var out []kinds.Hook
	for i, h := range list {
		at := t.item(path, i, len(list))
		if len(h.Command) == 0 {
			t.fail(at, "the hook has no command", "add one")
			continue
		}
		if h.Privileged {
			t.warn(at+".privileged", "the command runs with the instance's own privileges: one command cannot have more", "remove it")
		}
		out = append(out, kinds.Hook{
			Command: h.Command, User: h.User, WorkingDir: h.WorkingDir, Environment: setValues(h.Environment),
		})
	}
	return out
}

// checkUnset announces variables that have no value.
func (t *translator) checkUnset(s serviceConfig, path string) {
	for _, name := range sortedKeys(s.Environment) {
		if s.Environment[name] == nil {
			t.info(path+".environment."+name, fmt.Sprintf("%s has no value in this environment and is not set", name), "")
		}
	}
}

// checkProcess refuses what Incus' own configuration of OCI containers cannot express.
func (t *translator) checkProcess(s serviceConfig, path string) {
	const remedy = "put the text into a file and mount it as a config"
	for _, name := range sortedKeys(s.Environment) {
		value := s.Environment[name]
		switch {
		case value == nil:
		case *value == "":
			t.warn(path+".environment."+name, fmt.Sprintf("not possible without icc-init: Incus cannot set %s to nothing; it keeps the image's value, or is unset", name),
				"leave it out, or give it a value")
		case strings.ContainsAny(*value, "\r\n"):
			t.fail(path+".environment."+name, fmt.Sprintf("not possible without icc-init: the value of %s has line breaks, which Incus does not take", name), remedy)
		}
	}
	t.checkWords(s.Command, path+".command", remedy)
	t.checkWords(s.Entrypoint, path+".entrypoint", remedy)
}

func (t *translator) checkWords(words []string, path, remedy string) {
	if slices.ContainsFunc(words, func(w string) bool { return strings.ContainsAny(w, "\r\n") }) {
		t.fail(path, "not possible without icc-init: an argument has line breaks, which Incus does not take", remedy)
	}
	if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(w, "'") && strings.Contains(w, `"`) }) {
		t.fail(path, "not possible without icc-init: an argument has both kinds of quotes, which Incus cannot encode",
			"use one kind of quotes, or put the command into a script")
	}
}

// duration is a duration of compose-go's, 0 when it is not set.
func duration(d *types.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return time.Duration(*d)
}
