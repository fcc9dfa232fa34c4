package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/plugins/image/registry"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/schema"
)

// virtualMachine is the type of images that are no containers.
const virtualMachine = "virtual-machine"

// wanted is a declared image, read.
type wanted struct {
	config   kinds.ImageConfig
	ref      reference.Reference
	platform registry.Platform
	policy   policy
	// alias is the image's name on the server: the reference, and the platform where that is not the server's own.
	alias string
}

// Resolve implements sdk.Provider.
func (p *provider) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	out := &sdk.Resolution{}
	for _, d := range decls {
		if err := sdk.CheckKind(d.Kind, resource.KindImage); err != nil {
			return nil, err
		}
		w, err := read(p.Settings(), d.Config)
		if err != nil && !ofServer(err) {
			out.Diagnostics = append(out.Diagnostics, problem(d.Ref, d.Position, err))
		}
		out.Resolved = append(out.Resolved, resource.Resolved{
			Ref:       d.Ref,
			IncusName: cmp.Or(w.alias, d.Name),
			Priority:  resource.PriorityImage,
			Actions:   actions(),
			Config:    d.Config,
			DependsOn: d.DependsOn,
			Position:  d.Position,
		})
	}
	return out, nil
}

// serverError is one that lies in the server, not in the declaration. It matters to those who want the image there, and
// comes up in Plan, which is asked about services that nobody wants now, too, and hinders nobody there.
type serverError struct{ error }

// Unwrap returns what is wrong.
func (e serverError) Unwrap() error { return e.error }

func ofServer(err error) bool { return errors.As(err, new(serverError)) }

// read reads an image's configuration. It asks nobody.
func read(s sdk.Settings, raw json.RawMessage) (wanted, error) {
	var w wanted
	if err := schema.Decode(raw, &w.config); err != nil {
		return w, err
	}
	var err error
	if w.ref, err = reference.Parse(w.config.Reference, s.Remotes); err != nil {
		return w, err
	}
	w.alias = w.ref.Alias("")
	if w.policy, err = parsePolicy(w.config.PullPolicy); err != nil {
		return w, err
	}
	if w.config.Build != nil && w.ref.Source == reference.Native {
		return w, resource.ErrConfig.
			WithText(fmt.Sprintf("a built image cannot be called %q, that is an image of a server", w.config.Reference)).
			WithHint("name it like \"shop-web\" or remove `image`")
	}
	if w.config.Type == virtualMachine {
		return w, w.asVirtualMachine()
	}
	if w.ref.Source != reference.OCI && w.config.Build == nil {
		return w, nil
	}
	return w, w.choosePlatform(s.Architectures)
}

func (w *wanted) asVirtualMachine() error {
	if w.ref.Source == reference.OCI || w.config.Build != nil {
		return resource.ErrConfig.
			WithText(fmt.Sprintf("%s is an OCI image, which a virtual machine cannot run", w.alias)).
			WithHint("use a native image such as \"images:debian/13\", or a container")
	}
	w.alias = w.ref.Alias(virtualMachine)
	return nil
}

// choosePlatform finds the platform. Without a server its architecture is unknown, and nothing is chosen.
func (w *wanted) choosePlatform(architectures []string) error {
	if len(architectures) == 0 && w.config.Platform == "" {
		return nil
	}
	var err error
	if w.platform, err = registry.PlatformFor(w.config.Platform, architectures); err != nil {
		if len(architectures) == 0 {
			return err
		}
		w.alias = w.ref.Alias(w.config.Platform) // it must not be taken for the server's own
		return serverError{err}
	}
	if len(architectures) == 0 || w.platform.Incus != architectures[0] {
		w.alias = w.ref.Alias(w.platform.String())
	}
	return nil
}

// builtFor refuses a build for other platforms than the image's. Where that is unknown, nothing is refused.
func (w wanted) builtFor() error {
	list, needed := w.config.Build.Platforms, w.platform.String()
	if len(list) == 0 || w.platform.Incus == "" || naming.ListsPlatform(list, cmp.Or(w.config.Platform, needed)) {
		return nil
	}
	return resource.ErrConfig.
		WithText(fmt.Sprintf("build.platforms does not list %s, which the server needs", needed)).
		WithHint("add it, or set `platform` of the service")
}

func problem(ref resource.Ref, at resource.Position, err error) resource.Diagnostic {
	return resource.Diagnostic{
		Severity: resource.SeverityError, Ref: ref, Position: at, Text: err.Error(), Hint: resource.Hint(err),
	}
}
