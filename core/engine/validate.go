package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema/validate"
)

// validate holds the declarations of third-party kinds against the schemas that their plugins describe, so that every
// mistake in them shows before a plugin is started. The built-in kinds' come from core/compose, which makes none.
func (e *Engine) validate(ctx context.Context, decls []resource.Declaration) error {
	known := make(map[resource.Kind]*described)
	var found []resource.Diagnostic
	for _, d := range decls {
		if builtin(d.Kind) {
			continue
		}
		if known[d.Kind] == nil {
			kind, err := e.described(ctx, d.Kind)
			if err != nil {
				return fmt.Errorf("%s: %w", d.Position, err)
			}
			known[d.Kind] = kind
		}
		found = append(found, known[d.Kind].check(d)...)
	}
	return firstError(found)
}

func builtin(kind resource.Kind) bool {
	return slices.Contains([]resource.Kind{
		resource.KindProject, resource.KindProfile, resource.KindImage, resource.KindNetwork,
		resource.KindStorageVolume, resource.KindInstance,
	}, kind)
}

// described is a kind with the name of its plugin; schema is nil when the plugin has none.
type described struct {
	plugin string
	schema *validate.Schema
}

// described asks what a kind is like. The host knows that without starting the plugin.
func (e *Engine) described(ctx context.Context, kind resource.Kind) (*described, error) {
	p, err := e.plugins.Provider(ctx, kind)
	if err != nil {
		return nil, err
	}
	description, err := p.Describe(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(description.Kinds, func(k sdk.Kind) bool { return k.Kind == kind })
	if i < 0 || len(description.Kinds[i].ConfigSchema) == 0 {
		return &described{plugin: description.Name}, nil
	}
	schema, err := validate.Compile(description.Kinds[i].ConfigSchema)
	if err != nil {
		return nil, resource.ErrPlugin.
			WithText(fmt.Sprintf("plugin %q describes the kind %q with a schema that is none", description.Name, kind)).
			WithHint("this is a defect of the plugin; update or remove it").Wrap(err)
	}
	return &described{plugin: description.Name, schema: schema}, nil
}

// check returns a diagnostic for each mistake in a declaration.
func (k *described) check(d resource.Declaration) []resource.Diagnostic {
	if k.schema == nil {
		return nil
	}
	var found []resource.Diagnostic
	for _, mistake := range k.schema.Check(d.Config) {
		at := d.Position
		at.Path += ".config"
		if mistake.Path != "" {
			at.Path += "." + mistake.Path
		}
		found = append(found, resource.Diagnostic{
			Severity: resource.SeverityError, Ref: d.Ref, Position: at, Text: mistake.Text,
			Hint: fmt.Sprintf("`icc plugin info %s` shows what the kind %q takes", k.plugin, d.Kind),
		})
	}
	return found
}
