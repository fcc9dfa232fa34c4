package registry

import (
	"fmt"
	"slices"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// Platform is what an image is for, in OCI's words, with Incus' name for the architecture.
type Platform struct {
	Architecture, Variant string
	// Incus is the architecture's name on the server, for example "x86_64".
	Incus string
}

// String returns the OCI form, for example "linux/arm/v7".
func (p Platform) String() string {
	s := "linux/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

// platforms are the architectures of Incus in OCI's words. The variant is the best that the architecture runs.
func platforms() []Platform {
	return []Platform{
		{"amd64", "", "x86_64"}, {"386", "", "i686"}, {"arm64", "", "aarch64"}, {"arm", "v8", "armv8l"},
		{"arm", "v7", "armv7l"}, {"arm", "v6", "armv6l"}, {"riscv64", "", "riscv64"}, {"riscv", "", "riscv32"},
		{"ppc64le", "", "ppc64le"}, {"ppc64", "", "ppc64"}, {"s390x", "", "s390x"}, {"loong64", "", "loongarch64"},
		{"mips", "", "mips"}, {"mips64", "", "mips64"},
	}
}

// PlatformFor returns the platform to fetch: the wanted one ("linux/amd64"), or the server's own when none is wanted.
// Architectures are the server's, its own first; when they are unknown, the wanted one is taken at its word.
func PlatformFor(wanted string, architectures []string) (Platform, error) {
	if wanted == "" {
		return native(architectures)
	}
	os, rest, _ := strings.Cut(naming.Platform(wanted), "/")
	arch, variant, _ := strings.Cut(rest, "/")
	for _, p := range platforms() {
		known := p.Architecture == arch && (variant == "" || p.Variant == "" || p.Variant == variant)
		if os != "linux" || !known {
			continue
		}
		if len(architectures) > 0 && !slices.Contains(architectures, p.Incus) {
			continue
		}
		if variant != "" {
			p.Variant = variant
		}
		return p, nil
	}
	return Platform{}, resource.ErrUnsupported.
		WithText(fmt.Sprintf("the server does not run %s; it runs %s", wanted, describe(architectures))).
		WithHint("remove `platform`, or use a server of that architecture with --remote")
}

func native(architectures []string) (Platform, error) {
	for _, a := range architectures {
		for _, p := range platforms() {
			if p.Incus == a {
				return p, nil
			}
		}
	}
	return Platform{}, resource.ErrUnsupported.
		WithText(fmt.Sprintf("there are no OCI images for the server's architecture (%s)", strings.Join(architectures, ", "))).
		WithHint("set `platform` to one that the server runs")
}

func describe(architectures []string) string {
	var out []string
	for _, p := range platforms() {
		if slices.Contains(architectures, p.Incus) {
			out = append(out, p.String())
		}
	}
	return strings.Join(out, ", ")
}

// Runs says whether the platform runs images of the given kind.
func (p Platform) Runs(os, arch, variant string) bool {
	if (os != "" && os != "linux") || arch != p.Architecture {
		return false
	}
	return p.Variant == "" || variant == "" || variant <= p.Variant // v6 runs on v7
}

// pick returns the best manifest of an index, or nil and what there is instead.
func (p Platform) pick(manifests []v1.Descriptor) (*v1.Descriptor, []string) {
	var best *v1.Descriptor
	var available []string
	for i := range manifests {
		m := &manifests[i]
		if m.Platform == nil || m.Platform.OS == "unknown" { // attestations
			continue
		}
		available = append(available, platformName(m.Platform))
		if !p.Runs(m.Platform.OS, m.Platform.Architecture, m.Platform.Variant) {
			continue
		}
		if best == nil || m.Platform.Variant > best.Platform.Variant {
			best = m
		}
	}
	slices.Sort(available)
	return best, slices.Compact(available)
}

func platformName(p *v1.Platform) string {
	s := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		s += "/" + p.Variant
	}
	return s
}

func noPlatform(ref reference.Reference, p Platform, available []string) error {
	text := fmt.Sprintf("%s is not available for %s", ref.Name, p)
	if len(available) > 0 {
		text += ", only for " + strings.Join(available, ", ")
	}
	return resource.ErrImageSource.WithText(text).
		WithHint("choose an image for this architecture, or set `platform` to one that the server runs")
}
