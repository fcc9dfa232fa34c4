package naming

import (
	"slices"
	"strings"
)

// Platform returns the full name of an OCI platform as people write it: "amd64" and "linux/x86_64" are "linux/amd64",
// "linux/arm64/v8" is "linux/arm64". An empty one stays empty.
func Platform(written string) string {
	p := strings.ToLower(written)
	if p == "" {
		return ""
	}
	if !strings.Contains(p, "/") {
		p = "linux/" + p
	}
	system, machine, _ := strings.Cut(p, "/")
	arch, variant, _ := strings.Cut(machine, "/")
	switch arch {
	case "x86_64", "x86-64":
		arch = "amd64"
	case "aarch64":
		arch = "arm64"
	}
	if arch == "arm64" && variant == "v8" {
		variant = "" // there is no other
	}
	if variant != "" {
		arch += "/" + variant
	}
	return system + "/" + arch
}

// ListsPlatform reports whether one of the platforms of a list is the given one, however they are written.
func ListsPlatform(list []string, platform string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return Platform(p) == Platform(platform) })
}
