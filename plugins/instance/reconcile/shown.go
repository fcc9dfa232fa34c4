package reconcile

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

const (
	pathRestart   = "restart"        // the policy in icc-init's orders
	pathAutostart = "boot.autostart" // what the same policy means for the server
	pathAgain     = "boot.autorestart"
	pathMemory    = "limits.memory"
	pathSwap      = "limits.memory.swap"
	pathDepends   = resource.KeyDependsOn
	pathFirst     = "boot.autostart.priority" // what the dependencies mean for the server
	pathLast      = "boot.stop.priority"
)

// told leaves out what another field tells already: one line of a compose file is one field. Of the places in the order
// in which the server starts and stops what it has, one is enough.
func (n Names) told(fields []resource.FieldChange) []resource.FieldChange {
	by := map[string][]string{
		pathAutostart: {spec.KeyRestart}, pathAgain: {spec.KeyRestart}, pathFirst: {pathDepends}, pathLast: {pathDepends, pathFirst},
	}
	return slices.DeleteFunc(slices.Clone(fields), func(f resource.FieldChange) bool {
		_, raw := n.incus[f.Path]
		return !raw && slices.ContainsFunc(fields, func(o resource.FieldChange) bool { return slices.Contains(by[f.Path], o.Path) })
	})
}

// repeats says that a key of Incus' only has what icc-init's orders, which are named as in compose files, tell as well.
func repeats(f resource.FieldChange, all []resource.FieldChange) bool {
	return f.Compose != "" && slices.ContainsFunc(all, func(o resource.FieldChange) bool {
		return o.Path == f.Compose && rank(o.Class) >= rank(f.Class)
	})
}

// same says that the file has not changed what Incus is to be told otherwise: memory and swap together, when another part
// of it is memory.
func same(f resource.FieldChange) bool { return f.Compose == "memswap_limit" && f.Before == f.After }

// Drift adds the names to what others have changed. Of the server's boot, and of what is swapped, they have changed no
// compose attribute but one of the keys that it stands for, and these keep Incus' names.
func (n Names) Drift(c resource.Change) resource.Change {
	c.Fields = slices.Clone(c.Fields)
	for i, f := range c.Fields {
		_, raw := n.incus[f.Path]
		switch {
		case !raw && (strings.HasPrefix(f.Path, "boot.") || f.Path == spec.KeyRestart):
		case !raw && f.Path == pathSwap:
			c.Fields[i].Before, c.Fields[i].After = bytesText(f.Before), bytesText(f.After)
		default:
			c.Fields[i] = n.field(f)
		}
	}
	return c
}

// policy is the restart policy in the words of compose files. Orders do not tell always from unless-stopped, which differ
// in what the server does when it boots only.
func policy(config map[string]string) string {
	orders, always := spec.Orders(config), config[pathAutostart] == "true"
	switch {
	case orders != nil && orders.Restart.Policy == initspec.RestartAlways && !always:
		return "unless-stopped" + strings.TrimPrefix(restart(orders.Restart), initspec.RestartAlways)
	case orders != nil:
		return restart(orders.Restart)
	case config[spec.KeyRestart] != "":
		return config[spec.KeyRestart]
	case always:
		return "always"
	}
	return "no"
}

// value shows the value of a configuration key as compose files have it.
func (n Names) value(path, text string) string {
	if _, raw := n.incus[path]; raw {
		return text
	}
	switch {
	case strings.HasPrefix(path, "limits.memory"), strings.HasSuffix(path, ".size"):
		return bytesText(text)
	case path == "limits.cpu":
		return cpusText(text)
	case path == "limits.cpu.allowance":
		return shareText(text)
	case path == spec.KeyGrace && text != "":
		return text + "s"
	case path == resource.KeyDependsOn:
		return edgesText(text)
	}
	return text
}

// swapText shows a limit of what is swapped as compose files have it, together with that of the memory.
func swapText(swap, memory string) string {
	of := func(text string) int64 {
		n, err := strconv.ParseInt(strings.TrimSuffix(text, "B"), 10, 64)
		if err != nil {
			return 0
		}
		return n
	}
	switch {
	case of(swap) == spec.UnlimitedSwap:
		return "-1"
	case of(swap) == 0 || of(memory) == 0:
		return bytesText(swap)
	}
	return bytesText(strconv.FormatInt(of(swap)+of(memory), 10) + "B")
}

// edgesText shows recorded dependencies as "db-1 (healthy), cache-1"; that they are started goes without saying.
func edgesText(text string) string {
	var edges []resource.Edge
	if json.Unmarshal([]byte(text), &edges) != nil {
		return text
	}
	shown := make([]string, len(edges))
	for i, e := range edges {
		var more []string
		if e.Condition != resource.ConditionStarted && e.Condition != "" {
			more = append(more, string(e.Condition))
		}
		if e.Restart {
			more = append(more, "restart")
		}
		if e.Optional {
			more = append(more, "optional")
		}
		shown[i] = e.To.Name
		if len(more) > 0 {
			shown[i] += " (" + strings.Join(more, ", ") + ")"
		}
	}
	return strings.Join(shown, ", ")
}

// cpusText shows processors as "0,2-3"; Incus wants single ones as "0-0", or takes them for a number of processors.
func cpusText(text string) string {
	parts := strings.Split(text, ",")
	for i, part := range parts {
		if first, last, ok := strings.Cut(part, "-"); ok && first == last {
			parts[i] = first
		}
	}
	return strings.Join(parts, ",")
}

// shareText shows the time of processors, "50ms/100ms", as a number of processors.
func shareText(text string) string {
	part, period, ok := strings.Cut(text, "/")
	used, err := time.ParseDuration(part)
	whole, err2 := time.ParseDuration(period)
	if !ok || err != nil || err2 != nil || whole <= 0 {
		return text
	}
	return strconv.FormatFloat(float64(used)/float64(whole), 'g', 4, 64)
}
