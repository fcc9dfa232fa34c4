package compose

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/schema"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/resource"
)

// findBadPort returns the first entry of a service's ports that cannot be read, and what is wrong with it. compose-go
// says the latter only.
func findBadPort(x *index) (resource.Position, string, bool) {
	var why string
	pos, ok := x.search(func(path []string, value string) bool {
		if len(path) != 4 || path[2] != "ports" || strings.Contains(value, "$") {
			return false
		}
		_, err := types.ParsePortConfig(value)
		if err != nil {
			why = badPort(value, err)
		}
		return err != nil
	})
	return pos, why, ok
}

func badPort(value string, err error) string {
	spec, _, _ := strings.Cut(value, "/")
	parts := strings.Split(spec, ":")
	if n := len(parts); n > 1 {
		hostLow, hostHigh, errHost := portRange(parts[n-2])
		low, high, errTarget := portRange(parts[n-1])
		if host, target := hostHigh-hostLow+1, high-low+1; errHost == nil && errTarget == nil && host != target {
			return fmt.Sprintf("%q has ranges of different lengths: %d host ports for %d of the service", value, host, target)
		}
	}
	return fmt.Sprintf("%q is not a port: %v", value, err)
}

// findReference returns where a file is named.
func findReference(x *index, file string) (resource.Position, bool) {
	return x.search(func(path []string, value string) bool {
		attribute := slices.ContainsFunc(path, func(e string) bool {
			return slices.Contains([]string{"env_file", "label_file", "include", "extends"}, e)
		})
		if !attribute || value == "" {
			return false
		}
		rel, err := filepath.Rel(x.dir, file)
		return filepath.Clean(value) == file || err == nil && filepath.Clean(value) == rel ||
			strings.HasSuffix(file, "/"+strings.TrimPrefix(filepath.Clean(value), "../"))
	})
}

// attributesOf returns the attributes that the Compose specification has at a place, sorted.
func attributesOf(elements []string) []string {
	var names []string
	for _, p := range schema.AttributePaths() {
		parts := p.Parts()
		if len(parts) != len(elements)+1 || !matchElements(parts[:len(elements)], elements) {
			continue
		}
		if name := parts[len(elements)]; name != "*" && name != "[]" {
			names = append(names, name)
		}
	}
	return names
}

// matchElements says whether a pattern with * for any name and [] for any item fits.
func matchElements(pattern, elements []string) bool {
	for i, p := range pattern {
		if i >= len(elements) || p != "*" && p != "[]" && p != elements[i] {
			return false
		}
	}
	return true
}

// attributesIn returns the keys that the files have under a top-level section.
func attributesIn(x *index, section string) []string {
	x.once.Do(x.parse)
	var names []string
	for _, f := range x.files {
		for _, doc := range f.docs {
			if n := child(doc, section); n != nil {
				for i := 0; i+1 < len(n.Content); i += 2 {
					names = append(names, n.Content[i].Value)
				}
			}
		}
	}
	return names
}
