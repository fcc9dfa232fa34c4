package naming

import "strings"

// maxVolume is the longest volume name that Incus takes.
const maxVolume = 64

func volumeForm() form { return form{max: maxVolume, extra: "-_."} }

// Volume returns the name of the volume declared under key: "<project>_<key>" as in Docker, or that with a tag.
func (s Scope) Volume(key string) string {
	f := volumeForm()
	project := s.Project
	if !s.Shared {
		project = f.clean(project)
	}
	plain := !s.Shared || !strings.Contains(project, "_")
	return f.unique(project+"_"+key, plain, "volume", s.Project, key)
}

// NamedVolume returns the name of a volume with a name of its own in the compose file. As in Docker, the project's name
// is not part of it; it is kept when Incus accepts it.
func (s Scope) NamedVolume(name string) string {
	f := volumeForm()
	if len(name) >= 2 && f.accepts(name) {
		return name
	}
	return f.tagged(name, "named-volume", name)
}
