package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Mistake is one thing in a document that does not fit.
type Mistake struct {
	// Path is the place, such as "files[2].mode"; empty for the document itself.
	Path string
	// Text says what is wrong there: "unknown field", "required, but missing", "a number instead of a string".
	Text string
}

// String returns "path: text", or the text alone for the document itself.
func (m Mistake) String() string {
	if m.Path == "" {
		return m.Text
	}
	return m.Path + ": " + m.Text
}

// mistakes returns the leaves of a validator's tree of errors, ordered by place.
func mistakes(e *jsonschema.ValidationError) []Mistake {
	var found []Mistake
	for _, cause := range e.Causes {
		found = append(found, mistakes(cause)...)
	}
	if len(e.Causes) == 0 {
		found = leaf(e)
	}
	slices.SortStableFunc(found, func(a, b Mistake) int { return strings.Compare(a.Path, b.Path) })
	return slices.Compact(found)
}

// leaf puts an error into words. A field that is too many or too few is named as the place.
func leaf(e *jsonschema.ValidationError) []Mistake {
	each := func(names []string, text string) []Mistake {
		var found []Mistake
		for _, name := range names {
			found = append(found, Mistake{Path: path(append(slices.Clone(e.InstanceLocation), name)), Text: text})
		}
		return found
	}
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return each(k.Properties, "unknown field")
	case *kind.Required:
		return each(k.Missing, "required, but missing")
	case *kind.Type:
		return []Mistake{{Path: path(e.InstanceLocation), Text: fmt.Sprintf("%s instead of %s", article(k.Got), articles(k.Want))}}
	}
	text := e.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	return []Mistake{{Path: path(e.InstanceLocation), Text: text}}
}

// path writes a place in a document as "files[2].mode".
func path(tokens []string) string {
	var b strings.Builder
	for _, token := range tokens {
		switch _, err := strconv.ParseUint(token, 10, 64); {
		case err == nil && b.Len() > 0:
			b.WriteString("[" + token + "]")
		case b.Len() > 0:
			b.WriteString("." + token)
		default:
			b.WriteString(token)
		}
	}
	return b.String()
}

// articles joins JSON types as words: "a string or a list".
func articles(types []string) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = article(t)
	}
	return strings.Join(words, " or ")
}

// article returns a JSON type as people who write YAML call it.
func article(t string) string {
	switch t {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	case "null":
		return "nothing"
	case "boolean":
		return "true or false"
	case "integer":
		return "a whole number"
	}
	return "a " + t
}
