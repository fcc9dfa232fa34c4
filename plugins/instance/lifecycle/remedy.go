package lifecycle

import "strings"

// remedy says what a user can do about what the server answers, or nothing. The words are Incus'; it has no codes for
// these.
func remedy(err error) string {
	text := err.Error()
	says := func(words string) bool { return strings.Contains(text, words) }
	switch {
	case says("no space left on device"):
		return "make room in the storage pool (`incus storage info POOL`), or choose another one with --storage-pool"
	case says("cannot assign requested address"):
		return "the server has no such address: correct the address before the port in `ports`"
	case says("required device path doesn't exist"):
		return "the server has no such device: correct `devices` in the compose file"
	case says("Unknown configuration key"), says("Invalid value for"):
		return "correct `x-incus` in the compose file; Incus' documentation has the keys of an instance"
	case says("cgroup controller is missing"):
		return "the server's kernel has no control group controller for it: leave this limit out"
	case says("Failed adding bridge filter rules"):
		return "ACLs of a single card need nf_conntrack_bridge in the server's kernel: load it there " +
			"(`modprobe nf_conntrack_bridge`), or set security.acls with x-incus on the network instead"
	}
	return ""
}
