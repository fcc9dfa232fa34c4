package naming

import "strings"

// Sanitize turns name into at most max characters of [a-z0-9-] with no hyphen at either end: letters become lower case,
// everything else hyphens. A name that is too long is cut and ends in a short hash of the whole, if max leaves room.
// Different names may come out the same; a Scope's methods see to it that they do not. The result is empty when name
// holds no letter and no digit.
func Sanitize(name string, max int) string {
	f := form{max: max, fold: true, extra: "-"}
	clean := f.clean(name)
	if len(clean) <= max {
		return clean
	}
	if max < 2*(tagLen+1) {
		return f.cut(clean, max)
	}
	return f.cut(clean, max-tagLen-1) + "-" + tag(name)
}

// form is what one kind of object accepts as a name.
type form struct {
	max int // characters
	// fold says that letters become lower case.
	fold bool
	// extra are the characters allowed besides ASCII letters and digits, but never at either end.
	extra string
}

// clean replaces what the form does not allow with hyphens and drops it from the ends. It does not shorten.
func (f form) clean(name string) string {
	if f.fold {
		name = strings.ToLower(name)
	}
	allowed := strings.Map(func(r rune) rune {
		if isAlnum(r) || strings.ContainsRune(f.extra, r) {
			return r
		}
		return '-'
	}, name)
	return strings.TrimFunc(allowed, isNotAlnum)
}

// cut shortens a clean name to max characters, still with a letter or digit at its end.
func (f form) cut(clean string, max int) string {
	if len(clean) > max {
		clean = clean[:max]
	}
	return strings.TrimRightFunc(clean, isNotAlnum)
}

// accepts says whether name can be used exactly as it is.
func (f form) accepts(name string) bool {
	return name != "" && len(name) <= f.max && f.clean(name) == name
}

// tagged returns a readable rest of name and the tag of the parts that identify it.
func (f form) tagged(name string, parts ...string) string {
	rest := f.cut(f.clean(name), f.max-tagLen-1)
	if rest == "" {
		return tag(parts...)
	}
	return rest + "-" + tag(parts...)
}

// unique returns name when the form accepts it, plain says that nothing else comes out the same, and it does not look
// tagged; otherwise it returns the tagged name.
func (f form) unique(name string, plain bool, parts ...string) string {
	if plain && f.accepts(name) && !hasTag(name) {
		return name
	}
	return f.tagged(name, parts...)
}

func isAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

func isNotAlnum(r rune) bool { return !isAlnum(r) }
