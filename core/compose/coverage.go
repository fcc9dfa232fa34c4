package compose

import (
	"regexp"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// Status says what becomes of an attribute of the Compose specification.
type Status string

// The statuses of an attribute.
const (
	// StatusMapped attributes work as the specification says.
	StatusMapped Status = "mapped"
	// StatusApproximated attributes work with a difference, which the row names.
	StatusApproximated Status = "approximated"
	// StatusPlanned attributes have no effect yet. Using one is reported.
	StatusPlanned Status = "planned"
	// StatusRefused attributes make no sense on Incus or would be dangerous to leave out. Using one is an error.
	StatusRefused Status = "refused"
)

// row is the line of the coverage table about one attribute.
type row struct {
	// path is as in compose-go's schema: * stands for a name, [] for an item of a list.
	path   string
	status Status
	// text is one sentence: what the attribute becomes, or what is missing.
	text string
	hint string
	// severity is what the use of the attribute is reported with; "" is not at all.
	severity resource.Severity
	// deep rows stand for everything below their path, too.
	deep bool
	// harmless are values that need no report, because they ask for nothing.
	harmless []any
	// lost says what is missing where icc-init is not PID 1; using the attribute there is a warning.
	lost string
}

// mapped is a row about an attribute that works.
func mapped(path, text string) row { return row{path: path, status: StatusMapped, text: text} }

// approximated is a row about an attribute that works with a difference.
func approximated(path, text string) row {
	return row{path: path, status: StatusApproximated, text: text}
}

// planned is a row about an attribute that has no effect yet; its use is a warning.
func planned(path, text string) row {
	return row{path: path, status: StatusPlanned, text: text, severity: resource.SeverityWarning}
}

// refused is a row about an attribute whose use is an error.
func refused(path, text, hint string) row {
	return row{path: path, status: StatusRefused, text: text, hint: hint, severity: resource.SeverityError}
}

// below makes the row stand for everything below its path.
func (r row) below() row { r.deep = true; return r }

// as sets the severity with which the use is reported.
func (r row) as(s resource.Severity) row { r.severity = s; return r }

// warns reports the use as a warning, info as information, fails as an error.
func (r row) warns() row { return r.as(resource.SeverityWarning) }
func (r row) info() row  { return r.as(resource.SeverityInfo) }
func (r row) fails() row { return r.as(resource.SeverityError) }

// quiet leaves the report to the code that translates the attribute, which knows which values matter.
func (r row) quiet() row { return r.as("") }

// unless names values that need no report.
func (r row) unless(values ...any) row { r.harmless = values; return r }

// needsInit says what is missing where icc-init is not PID 1.
func (r row) needsInit(lost string) row { r.lost = lost; return r }

// advise adds what the user can do.
func (r row) advise(hint string) row { r.hint = hint; return r }

// table is the coverage table by path.
type table map[string]row

// coverage returns the whole table.
func coverage() table {
	t := table{}
	for _, rows := range [][]row{
		topLevelRows(), serviceRows(), processRows(), resourceRows(), securityRows(), attachmentRows(), mountRows(),
		buildRows(), deployRows(), lifecycleRows(),
	} {
		for _, r := range rows {
			t[r.path] = r
		}
	}
	return t
}

// find returns the row for a path: its own, or that of something around it that is deep.
func (t table) find(path string) (row, bool) {
	if r, ok := t[path]; ok {
		return r, true
	}
	for p := path; ; {
		i := strings.LastIndex(p, ".")
		if i < 0 {
			return row{}, false
		}
		p = p[:i]
		if r, ok := t[p]; ok && r.deep {
			return r, true
		}
	}
}

// cover reports the attributes that the wanted services and what they use set and that do not work as specified.
func (t *translator) cover() {
	w := coverWalk{t: t, rows: coverage()}
	services, _ := t.p.model["services"].(map[string]any)
	for _, name := range t.services {
		w.bare = t.isBare(t.p.Services[name])
		w.visit(services[name], "services.*", servicePath(name))
		w.coverSteps(services[name], servicePath(name))
	}
	w.bare = false
	for _, section := range []string{"networks", "volumes", "jobs"} {
		if _, ok := t.p.model[section]; ok {
			w.attribute(section, t.p.model[section], section, section)
		}
	}
}

// coverWalk walks through a document along the table.
type coverWalk struct {
	t    *translator
	rows table
	// bare says that the service at hand runs without icc-init.
	bare bool
}

// visit looks at the attributes of a mapping, or of the mappings in a list. Pattern is the path in the table's words,
// path that in the document.
func (w *coverWalk) visit(value any, pattern, path string) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			next := pattern + "." + key
			if _, ok := w.rows[next]; !ok {
				next = pattern + ".*"
			}
			w.attribute(key, v[key], next, path+"."+key)
		}
	case []any:
		for i, item := range v {
			w.visit(item, pattern+".[]", w.t.item(path, i, len(v)))
		}
	}
}

func (w *coverWalk) attribute(key string, value any, pattern, path string) {
	r, ok := w.rows[pattern]
	if !ok || strings.HasPrefix(key, "x-") || strings.HasPrefix(key, "#") {
		return
	}
	if w.bare && r.lost != "" && !isHarmless(value, r.harmless) {
		w.t.warn(path, r.lostMessage(), r.hint)
		return
	}
	if r.severity != "" && !isHarmless(value, r.harmless) {
		w.t.report(r.severity, path, r.message(), r.hint)
		return
	}
	if !r.deep {
		w.visit(value, pattern, path)
	}
}

// properNoun recognises the first words that keep their capital letter inside a sentence.
var properNoun = regexp.MustCompile(`^(Incus|Docker|Windows|[A-Z]{2,})\b`)

// message is what the use of the attribute is reported with.
func (r row) message() string {
	text := strings.TrimSuffix(r.text, ".")
	if !properNoun.MatchString(text) {
		text = strings.ToLower(text[:1]) + text[1:]
	}
	switch {
	case r.status == StatusPlanned && r.severity == resource.SeverityError:
		return "not possible yet: " + text
	case r.status == StatusPlanned:
		return "not applied yet: " + text
	}
	return text
}

// lostMessage is what the use of the attribute is reported with where icc-init is not PID 1.
func (r row) lostMessage() string { return "not possible without icc-init: " + r.lost }

// isHarmless says whether a value asks for nothing: it is empty, or one of those that the row names.
func isHarmless(value any, harmless []any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return slices.Contains(harmless, value)
}
