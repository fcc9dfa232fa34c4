package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/core/suggest"
)

// The extension attributes that icc reads. x-incus is raw configuration for Incus, x-icc is icc's own, and
// x-incus-compose is read for users of incus-compose.
const (
	extIncus  = "x-incus"
	extICC    = "x-icc"
	extLegacy = "x-incus-compose"
)

// place says what x-icc and x-incus may hold at one place of a compose file.
type place struct {
	icc []string
	// structured are the keys of x-incus that are not raw configuration.
	structured []string
}

func (p place) prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + "."
}

// extension is what the extensions of one object say.
type extension struct {
	path string
	// config is raw Incus configuration, devices raw Incus devices.
	config  map[string]string
	devices map[string]map[string]string
	icc     map[string]any
	t       *translator
}

var (
	topKeys     = place{icc: []string{"incus_project", "builder", "init", "resolver", "resources", "profiles"}, structured: []string{"config"}}
	serviceKeys = place{
		icc:        []string{"devices", "profiles", "nat", "init", "resolver", "type", "depends_on"},
		structured: []string{"config", "devices", "profiles", "type"},
	}
	networkKeys    = place{icc: []string{"network", "isolate"}, structured: []string{"config"}}
	attachmentKeys = place{icc: []string{"internal"}, structured: []string{"config"}}
	volumeKeys     = place{icc: []string{"pool", "seed"}, structured: []string{"config"}}
	mountKeys      = place{icc: []string{"seed", "pool"}, structured: []string{"config"}}
)

// extension reads the extensions of the object at path and reports what it does not understand.
func (t *translator) extension(ext types.Extensions, path string, where place) extension {
	e := extension{path: path, icc: map[string]any{}, t: t}
	prefix := where.prefix(path)
	if m, ok := t.mapping(ext[extLegacy], prefix+extLegacy); ok {
		for _, k := range sortedKeys(m) {
			if !slices.Contains(where.icc, k) {
				t.warn(prefix+extLegacy+"."+k, fmt.Sprintf("%s.%s has no effect in icc", extLegacy, k), "remove it")
				continue
			}
			e.icc[k] = m[k]
		}
	}
	if m, ok := t.mapping(ext[extICC], prefix+extICC); ok {
		for _, k := range sortedKeys(m) {
			if !slices.Contains(where.icc, k) {
				t.unknownKey(prefix+extICC+"."+k, k, where.icc)
				continue
			}
			e.icc[k] = m[k]
		}
	}
	e.readIncus(ext[extIncus], prefix+extIncus, where)
	if raw, ok := e.icc["devices"]; ok {
		e.addDevices(raw, prefix+extICC+".devices")
	}
	return e
}

// readIncus reads x-incus: raw keys directly or under config, and the structured keys of the place.
func (e *extension) readIncus(raw any, path string, where place) {
	m, _ := e.t.mapping(raw, path)
	for _, k := range sortedKeys(m) {
		switch {
		case !slices.Contains(where.structured, k):
			e.set(k, m[k], path+"."+k)
		case k == "config":
			nested, _ := e.t.mapping(m[k], path+".config")
			for _, key := range sortedKeys(nested) {
				e.set(key, nested[key], path+".config."+key)
			}
		case k == "devices":
			e.addDevices(m[k], path+".devices")
		default:
			if _, set := e.icc[k]; !set {
				e.icc[k] = m[k]
			}
		}
	}
}

func (e *extension) set(key string, value any, path string) {
	text, ok := scalarText(value)
	if !ok {
		e.t.fail(path, fmt.Sprintf("%s is not a plain value", key), "Incus' configuration keys have texts as values; quote it")
		return
	}
	if e.config == nil {
		e.config = map[string]string{}
	}
	e.config[key] = text
}

func (e *extension) addDevices(raw any, path string) {
	devices, _ := e.t.mapping(raw, path)
	for _, name := range sortedKeys(devices) {
		fields, ok := e.t.mapping(devices[name], path+"."+name)
		if !ok {
			continue
		}
		device := map[string]string{}
		for _, k := range sortedKeys(fields) {
			text, ok := scalarText(fields[k])
			if !ok {
				e.t.fail(path+"."+name+"."+k, fmt.Sprintf("%s is not a plain value", k), "write a text or a number")
				continue
			}
			device[k] = text
		}
		if device["type"] == "" {
			e.t.fail(path+"."+name, fmt.Sprintf("device %q has no type", name), `add one, for example "type: disk"`)
			continue
		}
		if e.devices == nil {
			e.devices = map[string]map[string]string{}
		}
		e.devices[name] = device
	}
}

// text returns a value of x-icc as text; booleans and numbers are written out.
func (e *extension) text(key string) string {
	v, ok := e.icc[key]
	if !ok || v == nil {
		return ""
	}
	text, ok := scalarText(v)
	if !ok {
		e.t.fail(e.at(key), fmt.Sprintf("%s is not a plain value", key), "write a text")
	}
	return text
}

// flag returns a value of x-icc as a boolean.
func (e *extension) flag(key string, otherwise bool) bool {
	switch strings.ToLower(e.text(key)) {
	case "":
		return otherwise
	case "true", "yes", "on", "1":
		return true
	case "false", "no", "off", "0":
		return false
	}
	e.t.fail(e.at(key), fmt.Sprintf("%s is neither true nor false", key), "write true or false")
	return otherwise
}

// list returns a value of x-icc as a list of texts.
func (e *extension) list(key string) []string {
	switch v := e.icc[key].(type) {
	case nil:
		return nil
	case []any:
		var out []string
		for _, item := range v {
			text, ok := scalarText(item)
			if !ok {
				e.t.fail(e.at(key), fmt.Sprintf("%s holds something that is not a plain value", key), "write a list of texts")
				continue
			}
			out = append(out, text)
		}
		return out
	default:
		return []string{e.text(key)}
	}
}

func (e *extension) at(key string) string { return place{}.prefix(e.path) + extICC + "." + key }

// mapping returns raw as a mapping; something else is reported.
func (t *translator) mapping(raw any, path string) (map[string]any, bool) {
	switch m := raw.(type) {
	case nil:
		return nil, false
	case map[string]any:
		return m, true
	}
	t.fail(path, "a mapping is expected here", "write key: value pairs under it")
	return nil, false
}

func (t *translator) unknownKey(path, key string, known []string) {
	hint := "the keys here are: " + strings.Join(known, ", ")
	if n := suggest.Nearest(key, known); n != "" {
		hint = fmt.Sprintf("did you mean %q?", n)
	}
	t.fail(path, fmt.Sprintf("unknown attribute %q", key), hint)
}

// scalarText writes a YAML scalar as Incus wants it.
func scalarText(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case bool, int, int64, uint64, float64:
		return fmt.Sprint(v), true
	}
	return "", false
}
