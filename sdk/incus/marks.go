package incus

import (
	"maps"
	"strings"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Marks returns the configuration keys by which icc finds an object again: its Compose project, the name it was declared
// under, the version of icc, and its Compose labels.
func Marks(composeProject, name string, labels map[string]string) map[string]string {
	m := make(map[string]string, len(labels)+3)
	for k, v := range labels {
		m[resource.KeyLabel+k] = v
	}
	m[resource.KeyProject], m[resource.KeyName], m[resource.KeyVersion] = composeProject, name, sdk.Version
	return m
}

// Labels returns the Compose labels in an object's configuration; nil when it has none.
func Labels(config map[string]string) map[string]string {
	var labels map[string]string
	for k, v := range config {
		if label, ok := strings.CutPrefix(k, resource.KeyLabel); ok {
			if labels == nil {
				labels = map[string]string{}
			}
			labels[label] = v
		}
	}
	return labels
}

// Merge returns one map with the entries of all; later ones win.
func Merge(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range all {
		maps.Copy(out, m)
	}
	return out
}

// OfProject returns the filter for listings of what icc made for a Compose project.
func OfProject(composeProject string) []string {
	return []string{"config." + resource.KeyProject + "=" + composeProject}
}

// Original reports whether the object of that name is the one that icc made. A copy that somebody has made of it by hand,
// or the object itself under a name that somebody has given it, has its marks, too, but is nobody's business but his.
func Original(config map[string]string, name string) bool {
	given := config[resource.KeyObject]
	return given == "" || given == name
}

// Belongs reports whether an object's configuration marks it as made by icc for the Compose project.
func Belongs(config map[string]string, composeProject string) bool {
	return config[resource.KeyProject] == composeProject
}
