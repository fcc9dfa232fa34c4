package engine

import (
	"cmp"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Drift is what others than icc have changed on one object.
type Drift struct {
	Ref       resource.Ref
	IncusName string
	Fields    []DriftField
}

// DriftField is one changed field: Before is what icc wrote, as far as that is known, and After what is there.
type DriftField struct {
	resource.FieldChange
	// Foreign fields were never icc's: somebody has added them, and they are left alone.
	Foreign bool
	// Reverted says that the next `up` writes the field again.
	Reverted bool
}

// Drifts returns what others have changed on the selected objects, sorted; nil selects all. Fields that are not icc's come
// with foreign only.
func (o *Observation) Drifts(s Selection, foreign bool) []Drift {
	var out []Drift
	for ref, c := range o.Drift {
		if !s.Has(ref) {
			continue
		}
		planned := make(map[string]bool)
		for _, f := range o.Changes[ref].Fields {
			planned[f.Path] = true
		}
		d := Drift{Ref: ref, IncusName: o.States[ref].IncusName}
		for _, f := range c.Fields {
			field := DriftField{FieldChange: f, Foreign: f.Class == resource.ClassNone, Reverted: planned[f.Path]}
			if foreign || !field.Foreign {
				d.Fields = append(d.Fields, field)
			}
		}
		if len(d.Fields) > 0 {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b Drift) int {
		return cmp.Or(cmp.Compare(o.Priorities[a.Ref.Kind], o.Priorities[b.Ref.Kind]), cmp.Compare(a.Ref.Name, b.Ref.Name))
	})
	return out
}

// Diverged says whether declarations differ from the server in anything but the given drift.
func (o *Observation) Diverged(drifts []Drift) bool {
	known := make(map[resource.Ref]map[string]bool)
	for _, d := range drifts {
		known[d.Ref] = make(map[string]bool)
		for _, f := range d.Fields {
			known[d.Ref][f.Path] = true
		}
	}
	for ref, c := range o.Changes {
		if c.Class == "" || c.Class == resource.ClassNone {
			continue
		}
		if len(c.Fields) == 0 || slices.ContainsFunc(c.Fields, func(f resource.FieldChange) bool { return !known[ref][f.Path] }) {
			return true
		}
	}
	return false
}
