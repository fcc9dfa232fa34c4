package reconcile

import (
	"strings"

	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk/resource"
)

// KeyClass says how gently a change of a container's configuration key can be applied. What Incus applies to what runs,
// or reads when it needs it, is live. Most other keys are taken without a word and take effect with the next start.
func KeyClass(key string) resource.Class {
	switch key {
	case spec.KeyImageDigest:
		return resource.ClassRebuild
	case "security.privileged": // root's files would have to change hands
		return resource.ClassRecreate
	case spec.KeyUser: // it is looked up anew
		return resource.ClassRestart
	case "linux.kernel_modules", "security.tags", "cluster.evacuate":
		return resource.ClassLive
	}
	for _, prefix := range restartPrefixes() {
		if strings.HasPrefix(key, prefix) {
			return resource.ClassRestart
		}
	}
	for _, prefix := range livePrefixes() {
		if strings.HasPrefix(key, prefix) {
			return resource.ClassLive
		}
	}
	return resource.ClassRestart
}

// restartPrefixes begin keys of the kernel's, which a process is started with; they come before livePrefixes.
func restartPrefixes() []string { return []string{"limits.kernel."} }

func livePrefixes() []string {
	return []string{"user.", "limits.", "boot.", "snapshots.", "migration.", "security.protection.", "systemd.credential"}
}

// machineClass is KeyClass for virtual machines, whose hardware is what they were started with.
func machineClass(key string) resource.Class {
	if class := KeyClass(key); class != resource.ClassLive || !strings.HasPrefix(key, "limits.") {
		return class
	}
	return resource.ClassRestart
}

// worse returns the more disturbing of two classes.
func worse(a, b resource.Class) resource.Class {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// Interrupts says whether applying a change of that class stops what runs.
func Interrupts(class resource.Class) bool { return rank(class) > rank(resource.ClassLive) }

func rank(c resource.Class) int {
	order := []resource.Class{
		resource.ClassNone, resource.ClassLive, resource.ClassRestart, resource.ClassRebuild, resource.ClassRecreate,
	}
	for i, known := range order {
		if c == known {
			return i
		}
	}
	return 0
}
