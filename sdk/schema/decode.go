package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// Decode reads raw into the struct that out points to. A field that out does not know fails with
// resource.ErrUnknownConfig, any other mistake with resource.ErrInvalidFormat; both name the place, such as
// "files[2].mode". An empty document, which undeclared resources have, leaves out as it is.
func Decode(raw json.RawMessage, out any) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		return resource.ErrInvalidFormat.Wrap(fmt.Errorf("reading the configuration: %w", err))
	}
	if path, ok := findUnknown(doc, reflect.TypeOf(out), ""); ok {
		return resource.ErrUnknownConfig.WithText(fmt.Sprintf("unknown field %q in the configuration", path)).
			WithHint("remove the field, or update the plugin that should understand it")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields() // in types that findUnknown does not look into
	err := dec.Decode(out)
	var wrongType *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrongType):
		return resource.ErrInvalidFormat.WithText(fmt.Sprintf("field %q in the configuration cannot be a JSON %s",
			wrongType.Field, wrongType.Value))
	case err != nil && !errors.Is(err, io.EOF):
		return resource.ErrInvalidFormat.Wrap(fmt.Errorf("reading the configuration: %w", err))
	}
	return nil
}

// findUnknown returns the path of the first member of doc, in the order of names, that t has no field for.
func findUnknown(doc any, t reflect.Type, path string) (string, bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return "", false // it reads itself
	}
	switch doc := doc.(type) {
	case map[string]any:
		return findUnknownMember(doc, t, path)
	case []any:
		if t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
			return "", false
		}
		for i, element := range doc {
			if p, ok := findUnknown(element, t.Elem(), fmt.Sprintf("%s[%d]", path, i)); ok {
				return p, true
			}
		}
	}
	return "", false
}

func findUnknownMember(doc map[string]any, t reflect.Type, path string) (string, bool) {
	var names []string
	for name := range doc {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		var element reflect.Type
		switch t.Kind() {
		case reflect.Map:
			element = t.Elem()
		case reflect.Struct:
			field, ok := fieldNamed(t, name)
			if !ok {
				return join(path, name), true
			}
			element = field.Type
		default:
			return "", false // a wrong type, which the decoder reports
		}
		if p, ok := findUnknown(doc[name], element, join(path, name)); ok {
			return p, true
		}
	}
	return "", false
}

// fieldNamed returns the field of a struct that JSON calls name. It looks at the fields one by one: to have reflect
// list them with those of embedded structs would take longer than all the rest of Decode.
func fieldNamed(t reflect.Type, name string) (reflect.StructField, bool) {
	var embedded []reflect.Type
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && tag == "":
			embedded = append(embedded, f.Type)
		case f.IsExported() && tag != "-" && (tag == name || tag == "" && f.Name == name):
			return f, true
		}
	}
	for _, e := range embedded {
		if e.Kind() == reflect.Pointer {
			e = e.Elem()
		}
		if e.Kind() != reflect.Struct {
			continue
		}
		if f, ok := fieldNamed(e, name); ok {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
