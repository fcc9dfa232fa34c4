package spec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// limits writes resource limits and kernel settings.
func (t *translation) limits() error {
	l := t.Config.Limits
	switch {
	case l.CPUs > 0:
		t.set("limits.cpu.allowance", cpuQuota(l.CPUs))
	case l.CPUShares > 0:
		// A percentage is a weight, of which 100 corresponds to Docker's default of 1024 shares.
		t.set("limits.cpu.allowance", fmt.Sprintf("%d%%", max(1, l.CPUShares*100/1024)))
	}
	t.set("limits.cpu", cpuSet(l.CPUSet))
	if l.Memory > 0 {
		t.set("limits.memory", byteSize(l.Memory))
		t.set("limits.memory.swap", swap(l.Memory, l.MemorySwap))
	}
	if l.PIDs > 0 {
		t.set("limits.processes", strconv.FormatInt(l.PIDs, 10))
	}
	if l.OOMScore != 0 && !t.supervised() { // it would be icc-init's score, not the process'
		t.set("limits.memory.oom_priority", strconv.Itoa(l.OOMScore))
	}
	for name, value := range t.Config.Ulimits {
		t.set("limits.kernel."+name, ulimit(value))
	}
	for name, value := range t.Config.Sysctls {
		t.set("linux.sysctl."+name, value)
	}
	if t.Config.Privileged {
		t.set("security.privileged", "true")
	}
	return nil
}

// cpuQuota is a hard cap in milliseconds of CPU time per 100 ms. Incus takes whole milliseconds only.
func cpuQuota(cpus float64) string {
	return fmt.Sprintf("%dms/100ms", max(1, int(math.Round(cpus*100))))
}

// cpuSet writes a single CPU as a range, because Incus reads a lone number as a count.
func cpuSet(set string) string {
	if _, err := strconv.Atoi(set); err == nil {
		return set + "-" + set
	}
	return set
}

func byteSize(n int64) string { return strconv.FormatInt(n, 10) + "B" }

// UnlimitedSwap stands for no limit of what is swapped, in bytes: Incus has no word for it, so it gets more than any host
// has.
const UnlimitedSwap = 1 << 50

// swap turns memory plus swap into swap alone.
func swap(memory, total int64) string {
	switch {
	case total < 0:
		return byteSize(UnlimitedSwap)
	case total > memory:
		return byteSize(total - memory)
	}
	return ""
}

// ulimit returns "soft:hard" or one number for both; -1 is spelled out.
func ulimit(value string) string {
	parts := strings.Split(value, ":")
	for i, p := range parts {
		if p == "-1" {
			parts[i] = "unlimited"
		}
	}
	return strings.Join(parts, ":")
}
