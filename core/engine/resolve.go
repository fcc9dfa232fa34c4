package engine

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Resolve lets the plugins complete the declarations. Diagnostics of severity error are returned as one error.
func (e *Engine) Resolve(ctx context.Context, decls []resource.Declaration) (*Model, error) {
	if err := e.validate(ctx, decls); err != nil {
		return nil, err
	}
	groups := make(map[resource.Kind][]resource.Declaration)
	var kinds []resource.Kind
	for _, d := range decls {
		if groups[d.Kind] == nil {
			kinds = append(kinds, d.Kind)
		}
		groups[d.Kind] = append(groups[d.Kind], d)
	}
	answers := make([]*sdk.Resolution, len(kinds))
	g, gctx := errgroup.WithContext(ctx)
	for i, kind := range kinds {
		g.Go(func() error {
			p, err := e.plugins.Provider(gctx, kind)
			if err != nil {
				return err
			}
			answers[i], err = p.Resolve(gctx, groups[kind])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return assemble(answers)
}

// assemble joins the plugins' answers and checks what no single plugin can see.
func assemble(answers []*sdk.Resolution) (*Model, error) {
	var resolved []resource.Resolved
	var diags []resource.Diagnostic
	for _, a := range answers {
		resolved = append(resolved, a.Resolved...)
		diags = append(diags, a.Diagnostics...)
	}
	m := NewModel(resolved)
	m.Diagnostics = diags
	if err := firstError(diags); err != nil {
		return nil, err
	}
	for i := range m.Resolved {
		if err := m.checkEdges(&m.Resolved[i]); err != nil {
			return nil, err
		}
		if err := m.checkConditions(&m.Resolved[i]); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// checkEdges drops optional edges to what is not declared and refuses the others.
func (m *Model) checkEdges(r *resource.Resolved) error {
	var missing resource.Ref
	r.DependsOn = slices.DeleteFunc(slices.Clone(r.DependsOn), func(e resource.Edge) bool {
		_, ok := m.index[e.To]
		if !ok && !e.Optional && missing == (resource.Ref{}) {
			missing = e.To
		}
		return !ok
	})
	if missing == (resource.Ref{}) {
		return nil
	}
	return resource.ErrConfig.WithResource(r.Ref).
		WithText(fmt.Sprintf("%s depends on %s %q, which is not declared", r.Position, missing.Kind, missing.Name))
}

// firstError returns the error diagnostics as one error, nil when there are none.
func firstError(diags []resource.Diagnostic) error {
	var errs []error
	for _, d := range diags {
		if d.Severity != resource.SeverityError {
			continue
		}
		text := d.Text
		if place := d.Position.String(); place != "" {
			text = place + ": " + text
		}
		errs = append(errs, resource.ErrConfig.WithText(text).WithHint(d.Hint))
	}
	return join(errs)
}
