package reconcile

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

const (
	pathRestart   = "restart"        // the policy in icc-init's orders
	pathAutostart = "boot.autostart" // what the same policy means for the server
)

// told leaves out what the policy in icc-init's orders tells already: one line of a compose file is one field.
func (n Names) told(fields []resource.FieldChange) []resource.FieldChange {
	if _, raw := n.incus[pathAutostart]; raw || !slices.ContainsFunc(fields, func(f resource.FieldChange) bool { return f.Path == pathRestart }) {
		return fields
	}
	return slices.DeleteFunc(slices.Clone(fields), func(f resource.FieldChange) bool { return f.Path == pathAutostart })
}

// value shows the value of a configuration key as compose files have it.
func (n Names) value(path, text string) string {
	if _, raw := n.incus[path]; raw {
		return text
	}
	switch {
	case strings.HasPrefix(path, "limits.memory"), strings.HasSuffix(path, ".size"):
		return bytesText(text)
	case path == pathAutostart && text == "true":
		return "always"
	case path == pathAutostart && text == "false":
		return "no"
	case path == resource.KeyDependsOn:
		return edgesText(text)
	}
	return text
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
