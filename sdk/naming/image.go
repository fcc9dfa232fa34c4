package naming

import "strings"

// maxImage keeps built images' names well below what registries and file systems take.
const maxImage = 128

// Image returns the name of the image that is built for a service and has no name of its own: "<project>-<service>",
// or that with a tag. It has neither registry nor version. Builders keep the images of all projects in one
// place, so projects never share a name, whatever the scope.
func (s Scope) Image(service string) string {
	f := form{max: maxImage, fold: true, extra: "-"}
	plain := !strings.Contains(s.Project, "-")
	return f.unique(s.Project+"-"+service, plain, "image", s.Project, service)
}
