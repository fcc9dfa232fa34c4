package buildtool

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
)

// CommonArguments returns the arguments that every tool has taken over from `docker build`. The rest of the build
// section is for the tools.
func CommonArguments(req kinds.BuildRequest) []string {
	c := req.Build
	args := Each("--tag", append([]string{req.Name}, c.Tags...))
	args = append(args, Pairs("--build-arg", c.Args)...)
	args = append(args, Pairs("--label", c.Labels)...)
	args = append(args, Pairs("--ulimit", c.Ulimits)...)
	for _, host := range c.ExtraHosts {
		args = append(args, "--add-host", strings.Replace(host, "=", ":", 1))
	}
	if c.Target != "" {
		args = append(args, "--target", c.Target)
	}
	if c.NoCache {
		args = append(args, "--no-cache")
	}
	if c.Network != "" && c.Network != "default" {
		args = append(args, "--network", c.Network)
	}
	if c.ShmSize > 0 {
		args = append(args, "--shm-size", strconv.FormatInt(c.ShmSize, 10)+"b")
	}
	return args
}

// Pairs repeats a flag for each pair of a map, as key=value, in the keys' order.
func Pairs(flag string, m map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		out = append(out, flag, key+"="+m[key])
	}
	return out
}

// Each repeats a flag for each value.
func Each(flag string, values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, flag, v)
	}
	return out
}
