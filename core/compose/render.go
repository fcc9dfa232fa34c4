package compose

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v4"
)

// YAML renders the project as one compose file. The values of secrets are left out.
func (p *Project) YAML() ([]byte, error) {
	if !p.hasServices() {
		return renderYAML(p.model)
	}
	out, err := p.MarshalYAML()
	if err != nil {
		return nil, fmt.Errorf("rendering the project as YAML: %w", err)
	}
	return out, nil
}

// JSON renders the project as JSON, with the same content as YAML.
func (p *Project) JSON() ([]byte, error) {
	var v any = p.Project
	if !p.hasServices() {
		v = p.model
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("rendering the project as JSON: %w", err)
	}
	return out, nil
}

// hasServices is false after a load without interpolation, which leaves the plain document only.
func (p *Project) hasServices() bool { return p.Services != nil }

func renderYAML(v any) ([]byte, error) {
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("rendering the project as YAML: %w", err)
	}
	return out.Bytes(), nil
}

// ServiceList returns the enabled services, sorted.
func (p *Project) ServiceList() []string { return p.list("services", p.serviceNames()) }

// VolumeList returns the keys of the volumes, sorted.
func (p *Project) VolumeList() []string { return p.list("volumes", p.VolumeNames()) }

// NetworkList returns the keys of the networks, sorted.
func (p *Project) NetworkList() []string { return p.list("networks", p.NetworkNames()) }

// list returns loaded names, or the keys of a section when nothing but the document was loaded.
func (p *Project) list(section string, loaded []string) []string {
	if p.hasServices() {
		return loaded
	}
	m, _ := p.model[section].(map[string]any)
	return sortedKeys(m)
}

// ImageList returns the images of the enabled services, in the order of the services.
func (p *Project) ImageList() []string {
	var images []string
	t := &translator{p: p}
	t.scope.Project = p.Name
	for _, name := range p.serviceNames() {
		images = append(images, t.imageReference(p.Services[name]))
	}
	return images
}

// ProfileList returns the profiles that services belong to, sorted.
func (p *Project) ProfileList() []string {
	set := map[string]bool{}
	for _, s := range p.AllServices() {
		for _, profile := range s.Profiles {
			set[profile] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// EnvironmentList returns what variables are replaced from, as sorted "KEY=value".
func (p *Project) EnvironmentList() []string { return p.Environment.Values() }

// ServiceHash returns the hash of a service's configuration. It leaves out what does not change the containers, and
// is the one that docker compose prints.
func (p *Project) ServiceHash(name string) (string, error) {
	s, ok := p.Services[name]
	if !ok {
		return "", unknownService(p, name)
	}
	s.Build, s.PullPolicy, s.Scale, s.DependsOn, s.Profiles = nil, "", nil, nil, nil
	if s.Deploy != nil {
		deploy := *s.Deploy
		deploy.Replicas = nil
		s.Deploy = &deploy
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("hashing service %q: %w", name, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// Variable is a variable that compose files refer to.
type Variable struct {
	Name         string `json:"name"`
	Required     bool   `json:"required"`
	DefaultValue string `json:"default_value"`
	// AlternateValue is the value of ${NAME:+value}.
	AlternateValue string `json:"alternate_value"`
}

// Variables returns the variables that the compose files refer to, sorted by name.
func Variables(ctx context.Context, o LoadOptions) ([]Variable, error) {
	o.SkipInterpolation = true
	p, err := Load(ctx, o)
	if err != nil {
		return nil, err
	}
	found := template.ExtractVariables(p.model, template.DefaultPattern)
	var out []Variable
	for _, name := range sortedKeys(found) {
		v := found[name]
		out = append(out, Variable{
			Name: v.Name, Required: v.Required, DefaultValue: v.DefaultValue, AlternateValue: v.PresenceValue,
		})
	}
	return out, nil
}
