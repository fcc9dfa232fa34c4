package naming

import "strings"

// maxNetwork is the longest network name: it is the name of a host interface (IFNAMSIZ less the final zero).
const maxNetwork = 15

// networkHash and networkReadable are the lengths of the two halves of a hashed network name.
const (
	networkHash     = 7
	networkReadable = maxNetwork - networkHash - len("--")
)

// Network returns the name of the network declared under key: "<project>-<key>" when it fits and cannot be mistaken,
// else the beginning of the project's name, two hyphens and a hash.
func (s Scope) Network(key string) string {
	plain := s.Project + "-" + key
	if len(plain) <= maxNetwork && isWord(s.Project) && isWord(key) {
		return plain
	}
	return hashedNetwork(s.Project, Hash("network", s.Project, key))
}

// NamedNetwork returns the name of a network with a name of its own in the compose file. As in Docker, the project's
// name is not part of it, so that projects can meet on it; it is kept when Incus accepts it.
func (s Scope) NamedNetwork(name string) string {
	f := form{max: maxNetwork, extra: "-_."}
	if len(name) >= 2 && f.accepts(name) && !isReservedInterface(name) {
		return name
	}
	return hashedNetwork(name, Hash("named-network", name))
}

func hashedNetwork(readable, hash string) string {
	f := form{fold: true}
	letters := strings.ReplaceAll(f.clean(readable), "-", "")
	if letters == "" {
		letters = "icc"
	}
	return letters[:min(len(letters), networkReadable)] + "--" + hash[:networkHash]
}

// isReservedInterface names what Linux has already, as an interface or as a directory of its sysctls.
func isReservedInterface(name string) bool {
	return name == "lo" || name == "all" || name == "default"
}

// isWord says whether s consists of lower-case letters and digits only.
func isWord(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
