package naming

import (
	"fmt"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// Scope is where the names of one Compose project have to be unique. Its methods are pure: the same project and key
// give the same name on every machine and in every version.
type Scope struct {
	// Project is the Compose project's name.
	Project string
	// Shared says that other Compose projects work in the same Incus project. Instances and volumes then differ from
	// theirs, too. Networks and built images always do: theirs are namespaces of the whole server.
	Shared bool
}

// maxInstance is the longest instance name that Incus takes; it is a host name.
const maxInstance = 63

// replicaDigits is the room kept for replica numbers, so that the first 99,999 replicas share one stem.
const replicaDigits = 5

// Instance returns the name of replica n (from 1) of a service: "<project>-<service>-<n>", or a tagged stem and n.
func (s Scope) Instance(service string, n int) string {
	number := fmt.Sprintf("-%d", n)
	f := form{max: maxInstance - max(len(number), 1+replicaDigits), fold: true, extra: "-"}
	project := s.Project
	if !s.Shared {
		project = f.clean(project) // the Incus project tells my_app and my-app apart
	}
	plain := !s.Shared || !strings.Contains(project, "-")
	return f.unique(project+"-"+service, plain, "instance", s.Project, service) + number
}

// ContainerName returns the instance name for Compose's container_name. Underscores and dots become hyphens, because
// an instance's name is a host name; apart from that the name is kept, and what cannot be kept is refused: a name
// that somebody chose must not turn into another one.
func (s Scope) ContainerName(name string) (string, error) {
	kept := strings.NewReplacer("_", "-", ".", "-").Replace(name)
	f := form{max: maxInstance, extra: "-"}
	refuse := func(why string) error {
		return resource.ErrInvalidFormat.WithText(fmt.Sprintf("container_name %q %s", name, why)).WithHint(
			"choose at most 63 letters, digits and hyphens that begin and end with a letter or digit, or remove container_name")
	}
	switch {
	case name == "":
		return "", refuse("is empty")
	case len(kept) > f.max:
		return "", refuse(fmt.Sprintf("has %d characters, Incus allows %d", len(kept), f.max))
	case strings.Trim(kept, "0123456789") == "":
		return "", refuse("is a number, which Incus does not allow")
	case !f.accepts(kept):
		return "", refuse("has characters that Incus does not allow in names")
	}
	return kept, nil
}
