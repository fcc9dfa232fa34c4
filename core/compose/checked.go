package compose

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/schema"

	"github.com/icc-project/icc/sdk"
)

// Checked remembers what has passed the check against the Compose schema. compose-go compiles the schema in every run,
// which takes longer than everything else about a small project; unchanged files need it only once.
type Checked interface {
	Passed(sum string) bool
	// Pass remembers. It does not fail: what is forgotten is checked again.
	Pass(sum string)
}

// passed says whether everything that the schema is going to see has been seen before.
func (s *session) passed(sum string) bool {
	return s.Checked != nil && !s.SkipInterpolation && s.Checked.Passed(sum)
}

// pass remembers files that were loaded without a fault and a warning. The sum does not cover files that they include
// or extend, so those that do are not remembered; compose-go drops a version, and warns of it, only where it checks.
func (s *session) pass(sum string, index *index, warnings []string) {
	if s.Checked == nil || s.SkipInterpolation || s.extends || len(warnings) > 0 {
		return
	}
	if !index.has("include") && !index.has("version") {
		s.Checked.Pass(sum)
	}
}

// noteExtends makes compose-go tell of services that extend others.
func (s *session) noteExtends(o *loader.Options) {
	o.Listeners = append(o.Listeners, func(event string, _ map[string]any) {
		s.extends = s.extends || event == "extends"
	})
}

// sum identifies what the schema sees: the contents in their order, and the variables that they may refer to.
func (s *session) sum(contents [][]byte) string {
	h := sha256.New()
	variables := false
	add(h, []byte(sdk.Version), []byte(schema.Schema))
	for _, c := range contents {
		add(h, c)
		variables = variables || bytes.ContainsRune(c, '$')
	}
	if variables {
		for _, k := range slices.Sorted(maps.Keys(s.env)) {
			add(h, []byte(k), []byte(s.env[k]))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// add writes texts so that no two lists of them look alike.
func add(h hash.Hash, texts ...[]byte) {
	for _, t := range texts {
		fmt.Fprintf(h, "%d:", len(t))
		h.Write(t)
	}
}
