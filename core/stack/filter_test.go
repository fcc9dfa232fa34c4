package stack_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/core/stack"
	"github.com/icc-project/icc/sdk/resource"
)

func TestANeedAcrossLeftOutNodesIsOptionalWhenEveryWayIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		web, x, y []string
		want      []stack.Need
	}{
		"one required way":              {[]string{"x"}, []string{"db"}, nil, []stack.Need{{ID: "db"}}},
		"optional at the beginning":     {[]string{"x?"}, []string{"db"}, nil, []stack.Need{{ID: "db", Optional: true}}},
		"optional at the end":           {[]string{"x"}, []string{"db?"}, nil, []stack.Need{{ID: "db", Optional: true}}},
		"a required way later":          {[]string{"x?", "y"}, []string{"db"}, []string{"db"}, []stack.Need{{ID: "db"}}},
		"a required way to the middle":  {[]string{"x?", "y"}, []string{"db"}, []string{"x"}, []stack.Need{{ID: "db"}}},
		"an optional way later":         {[]string{"x", "y?"}, []string{"db"}, []string{"db", "x"}, []stack.Need{{ID: "db"}}},
		"something that is not there":   {[]string{"x?"}, []string{"gone"}, nil, []stack.Need{{ID: "gone", Optional: true}}},
		"left out nodes in a circle":    {[]string{"x"}, []string{"y"}, []string{"x", "db"}, []stack.Need{{ID: "db"}}},
		"an optional way into a circle": {[]string{"x?"}, []string{"y"}, []string{"x", "db"}, []stack.Need{{ID: "db", Optional: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			out := func(id string, needs []string) stack.Node {
				n := r.node(id, 0, needs...)
				n.Action = resource.ActionStart
				return n
			}
			s := of(t, r.node("web", 0, c.web...), out("x", c.x), out("y", c.y), r.node("db", 0))
			if diff := cmp.Diff(c.want, s.ForAction(resource.ActionEnsure).All()[0].Needs); diff != "" {
				t.Errorf("needs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFilteredReversedStackIsStillReversed(t *testing.T) {
	t.Parallel()
	var r recorder
	s := of(t, r.node("low", 1), r.node("high", 2)).Reverse().ForAction(resource.ActionEnsure)
	if _, err := s.Run(t.Context(), stack.Options{Workers: 1}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"high", "low"}, r.ran); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
