package compose

import (
	"fmt"
	"strings"

	units "github.com/docker/go-units"
	"github.com/icc-project/icc/sdk/kinds"
)

// cpuPeriod is the scheduler's period that cpu_quota refers to unless cpu_period says otherwise, in microseconds.
const cpuPeriod = 100000

// limits translates the resource limits of a service, in their old places and in deploy.
func (t *translator) limits(s serviceConfig) kinds.Limits {
	path := servicePath(s.Name)
	l := kinds.Limits{
		CPUs: round(float64(s.CPUS)), CPUSet: s.CPUSet, CPUShares: s.CPUShares, Memory: int64(s.MemLimit),
		MemorySwap: int64(s.MemSwapLimit), PIDs: s.PidsLimit, ShmSize: int64(s.ShmSize), OOMScore: int(s.OomScoreAdj),
	}
	if l.OOMScore < 0 && !s.Privileged && !t.isBare(s) {
		t.warn(path+".oom_score_adj", "not applied: only the server's root may lower it", "use a value from 0 to 1000, or privileged: true")
	}
	if s.Deploy != nil && s.Deploy.Resources.Limits != nil {
		r := s.Deploy.Resources.Limits
		if r.NanoCPUs != 0 {
			l.CPUs = round(float64(r.NanoCPUs.Value()))
		}
		if r.MemoryBytes != 0 {
			l.Memory = int64(r.MemoryBytes)
		}
		if r.Pids != 0 {
			l.PIDs = r.Pids
		}
	}
	if l.CPUs == 0 && s.CPUQuota > 0 {
		period := s.CPUPeriod
		if period == 0 {
			period = cpuPeriod
		}
		l.CPUs = float64(s.CPUQuota) / float64(period)
	}
	if l.CPUs == 0 && s.CPUCount > 0 {
		l.CPUs = float64(s.CPUCount)
	}
	if l.MemorySwap > 0 && l.MemorySwap < l.Memory {
		t.fail(path+".memswap_limit", "memswap_limit is memory and swap together and cannot be less than the memory limit",
			"raise it, or use -1 for unlimited swap")
	}
	l.PIDs = max(l.PIDs, 0) // -1 means unlimited
	l.RootSize = t.rootSize(s, path+".storage_opt")
	return l
}

// rootSize reads storage_opt.size, the only storage option that Incus has.
func (t *translator) rootSize(s serviceConfig, path string) int64 {
	var size int64
	for _, opt := range sortedKeys(s.StorageOpt) {
		value := s.StorageOpt[opt]
		if opt != "size" {
			t.fail(path+"."+opt, fmt.Sprintf("storage option %q does not exist on Incus", opt), "remove it; size is the one that exists")
			continue
		}
		n, err := units.RAMInBytes(strings.TrimSpace(value))
		if err != nil {
			t.fail(path+".size", fmt.Sprintf("%q is not a size", value), "write a number with a unit, such as 10G")
			continue
		}
		size = n
	}
	return size
}

// round takes away what the way through float32 added: 0.1 is 0.1, not 0.10000000149.
func round(f float64) float64 {
	const digits = 1e6
	return float64(int64(f*digits+0.5)) / digits
}
