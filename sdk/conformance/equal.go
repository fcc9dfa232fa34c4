package conformance

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/resource"
)

// difference compares outputs by what they mean, leaving out what differs from one look to the next.
func (c *Case) difference(want, got json.RawMessage) string {
	return cmp.Diff(c.meaning(want), c.meaning(got))
}

func (c *Case) meaning(raw json.RawMessage) any {
	var v any
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return "no JSON: " + string(raw)
	}
	if object, ok := v.(map[string]any); ok {
		for _, name := range c.Volatile {
			delete(object, name)
		}
	}
	return v
}

// failsWith checks that err is of one of the sentinels and says which resource it is about.
func failsWith(t testing.TB, what string, err error, ref resource.Ref, sentinels ...error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s succeeds", what)
		return
	}
	found := len(sentinels) == 0
	for _, s := range sentinels {
		found = found || errors.Is(err, s)
	}
	if !found {
		t.Errorf("%s fails with %q (%v), want %q", what, resource.AsError(err).Code, err, sentinels)
	}
	e := resource.AsError(err)
	if e.Kind != ref.Kind || e.Name != ref.Name {
		t.Errorf("%s: the error does not name %s but %s/%s: %v", what, ref, e.Kind, e.Name, err)
	}
}
