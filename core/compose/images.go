package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// serviceConfig is compose-go's service.
type serviceConfig = types.ServiceConfig

// deployConfig is compose-go's deploy section.
type deployConfig = types.DeployConfig

// imageSet collects the images of the services: one resource for each reference and platform.
type imageSet struct {
	order  []string
	byName map[string]*wantedImage
	// builders are the services that build an image, by its name, as builderOf has found them.
	builders map[string]string
}

// wantedImage is one image and where it was asked for first.
type wantedImage struct {
	config kinds.ImageConfig
	path   string
	edges  []resource.Edge
	// building says that its build section is being translated.
	building bool
}

func newImageSet() *imageSet { return &imageSet{byName: map[string]*wantedImage{}} }

// use records that a service needs its image and returns the image resource's name. An image that another service
// builds is built for this one, too, even when that service is not wanted or of an inactive profile.
func (set *imageSet) use(t *translator, s serviceConfig, instanceType string) string {
	reference, name := t.imageReference(s), t.imageName(s)
	path := servicePath(s.Name) + ".image"
	if s.Build == nil {
		if builder, ok := t.builderOf(name); ok {
			set.use(t, builder, instanceType)
		}
	} else {
		path = servicePath(s.Name) + ".build"
	}
	w, known := set.byName[name]
	if !known {
		w = &wantedImage{path: path, config: kinds.ImageConfig{
			Reference: reference, Platform: naming.Platform(s.Platform), PullPolicy: pullPolicy(s), Type: instanceType,
		}}
		set.byName[name] = w
		set.order = append(set.order, name)
	}
	if slices.Contains(w.config.Services, s.Name) {
		return name
	}
	w.config.Services = append(w.config.Services, s.Name)
	if known {
		set.reconcile(t, w, s)
	}
	if s.Build != nil && w.config.Build == nil && !w.building {
		w.building = true
		w.config.Build, w.edges = t.build(s)
		w.building = false
		w.path = path
	}
	return name
}

// builderOf returns the service that builds an image.
func (t *translator) builderOf(image string) (serviceConfig, bool) {
	all := t.p.AllServices()
	if t.images.builders == nil {
		t.images.builders = map[string]string{}
		for _, name := range sortedKeys(all) {
			if s := all[name]; s.Build != nil && s.Provider == nil {
				t.images.builders[t.imageName(s)] = name
			}
		}
	}
	name, ok := t.images.builders[image]
	return all[name], ok
}

// useContext records that a build needs another service's image, wanted or not, and returns the image's name.
func (set *imageSet) useContext(t *translator, other serviceConfig, path string) string {
	if w, known := set.byName[t.imageName(other)]; known && w.building {
		t.fail(path, fmt.Sprintf("the build contexts form a circle: the image of service %q needs itself", other.Name), "take one of them out")
		return t.imageName(other)
	}
	ext := t.extension(other.Extensions, servicePath(other.Name), serviceKeys)
	return set.use(t, other, t.instanceType(ext))
}

// reconcile settles what two services say about one image.
func (set *imageSet) reconcile(t *translator, w *wantedImage, s serviceConfig) {
	path := servicePath(s.Name)
	first := w.config.Services[0]
	if policy := pullPolicy(s); policy != w.config.PullPolicy && policy != "" {
		if w.config.PullPolicy != "" {
			t.warn(path+".pull_policy", fmt.Sprintf("services %q and %q use image %q with different pull policies; %q counts",
				first, s.Name, w.config.Reference, w.config.PullPolicy), "give both services the same pull_policy")
		} else {
			w.config.PullPolicy = policy
		}
	}
	if s.Build != nil && w.config.Build != nil {
		config, _ := t.build(s)
		if !sameJSON(config, w.config.Build) {
			t.fail(path+".build", fmt.Sprintf("services %q and %q build image %q in different ways", first, s.Name,
				w.config.Reference), "give one of the two services another image name")
		}
	}
}

// declareImages declares the collected images.
func (t *translator) declareImages() {
	slices.Sort(t.images.order)
	for _, name := range t.images.order {
		w := t.images.byName[name]
		slices.Sort(w.config.Services)
		t.declare(resource.Ref{Kind: resource.KindImage, Name: name}, w.config, w.path, w.edges...)
	}
}

// imageReference is the image of a service as the file has it; what is built without a name gets one.
func (t *translator) imageReference(s serviceConfig) string {
	if s.Image != "" {
		return s.Image
	}
	return t.scope.Image(s.Name)
}

// imageName is the name of a service's image resource: its reference, with the platform or type behind it when services
// use the same reference in several ways.
func (t *translator) imageName(s serviceConfig) string {
	reference := t.imageReference(s)
	variant := t.imageVariant(s)
	if variant == "" || len(t.imageVariants()[reference]) < 2 {
		return reference
	}
	return reference + "#" + variant
}

// imageVariants returns the ways in which the project's services use each reference. It looks at all services, so
// that names do not depend on which of them are wanted.
func (t *translator) imageVariants() map[string]map[string]bool {
	if t.variants != nil {
		return t.variants
	}
	t.variants = map[string]map[string]bool{}
	for _, s := range t.p.Services {
		reference := t.imageReference(s)
		if t.variants[reference] == nil {
			t.variants[reference] = map[string]bool{}
		}
		t.variants[reference][t.imageVariant(s)] = true
	}
	return t.variants
}

// imageVariant is the platform and type of a service, as far as they are not the usual ones.
func (t *translator) imageVariant(s serviceConfig) string {
	var parts []string
	if s.Platform != "" {
		parts = append(parts, naming.Platform(s.Platform))
	}
	ext := t.extension(s.Extensions, servicePath(s.Name), serviceKeys)
	if t.instanceType(ext) == typeVM {
		parts = append(parts, typeVM)
	}
	return strings.Join(parts, ",")
}

// pullPolicy is a service's pull policy in Compose's words; "" means missing.
func pullPolicy(s serviceConfig) string {
	switch {
	case s.PullPolicy == types.PullPolicyIfNotPresent:
		return types.PullPolicyMissing
	case s.PullRefreshAfter != "" && (s.PullPolicy == "" || s.PullPolicy == types.PullPolicyRefresh):
		return "every_" + strings.TrimPrefix(s.PullRefreshAfter, "every_")
	}
	return s.PullPolicy
}
