package naming

import (
	"fmt"

	"github.com/icc-project/icc/sdk/resource"
)

// maxProject is the longest Incus project name used. Incus takes one more, but the name is part of host names.
const maxProject = 63

// IncusProject returns the name of the Incus project that the Compose project owns: the same one where Incus accepts it,
// else a tagged one. Names of one character and "default", which is Incus' own, are among the latter.
func (s Scope) IncusProject() (string, error) {
	f := form{max: maxProject, fold: true, extra: "-"}
	if f.clean(s.Project) == "" {
		return "", resource.ErrInvalidFormat.
			WithText(fmt.Sprintf("project name %q has neither letters nor digits", s.Project)).
			WithHint("name the project with -p NAME, COMPOSE_PROJECT_NAME or the compose file's top-level name")
	}
	plain := len(s.Project) >= 2 && s.Project != "default"
	return f.unique(s.Project, plain, "project", s.Project), nil
}
