package compose

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/icc-project/icc/core/suggest"
	"github.com/icc-project/icc/sdk/resource"
)

// explain turns what compose-go found wrong into errors that name the place and the remedy. The library has no error
// types for most of it, so its words are taken apart; what is not recognised is passed on as it is.
func (s *session) explain(err error, x *index) error {
	var errs []error
	seen := map[string]bool{}
	for _, leaf := range apart(leaves(err), x) {
		e := explainOne(leaf, x)
		if !seen[e.Text] {
			seen[e.Text] = true
			errs = append(errs, e)
		}
	}
	return joined(errs)
}

// leaves takes joined errors apart, and the list in which decoding errors come.
func leaves(err error) []error {
	var many interface{ Unwrap() []error }
	if errors.As(err, &many) && err == many.(error) {
		var out []error
		for _, e := range many.Unwrap() {
			out = append(out, leaves(e)...)
		}
		return out
	}
	if rest, ok := strings.CutPrefix(err.Error(), "decoding failed due to the following error(s):"); ok {
		var out []error
		for _, line := range strings.Split(rest, "\n") {
			if strings.TrimSpace(line) != "" {
				out = append(out, errors.New(line))
			}
		}
		return out
	}
	return []error{err}
}

// explanation recognises one form of message.
type explanation struct {
	form *regexp.Regexp
	say  func(m []string, x *index) *resource.Error
}

// explanations are tried in their order.
func explanations() []explanation {
	return []explanation{
		{regexp.MustCompile(`(?s)^failed to parse (.+?): (?:yaml: )?(.+)$`), explainSyntax},
		{regexp.MustCompile(unknownForm), explainUnknown},
		{regexp.MustCompile(`^validating (.+?): (\S+) (.+)$`), explainValue},
		{regexp.MustCompile(`^error while interpolating (\S+): (.+)$`), explainVariable},
		{regexp.MustCompile(`(?s)^invalid interpolation format for (\S+)\.\n.*\n(.*)$`), explainTemplate},
		{regexp.MustCompile(`^'([^']+)' (.+)$`), explainDecoding},
		{regexp.MustCompile(`^service ports (\S+)\.(\[\d+\]) is missing a target port$`), explainTarget},
		{regexp.MustCompile(`^(env file|label file) (.+) not found: .*$`), explainMissingFile},
		{regexp.MustCompile(`^(open|stat) (.+): (no such file or directory|permission denied|is a directory)$`), explainMissingFile},
		{regexp.MustCompile(`^failed to read (.+?): (.+)$`), explainEnvFile},
		{regexp.MustCompile(`^cannot extend service "(.+)" in (.+): service "(.+)" not found$`), explainExtends},
		{regexp.MustCompile(`(?s)^(Circular reference|include cycle detected):(.+)$`), explainCircle},
		{regexp.MustCompile(`^(?:service volume )?((?:services|networks|volumes|secrets|configs|include)[^ :]*)(?::| is| must) (.+)$`), explainPlace},
		{regexp.MustCompile(`^non-string key (?:in (\S+)|at top level): (.+)$`), explainKey},
		{regexp.MustCompile(`^(empty compose file|top-level object must be a mapping)$`), explainEmpty},
	}
}

func explainOne(err error, x *index) *resource.Error {
	text := strings.TrimSpace(err.Error())
	for _, e := range explanations() {
		if m := e.form.FindStringSubmatch(text); m != nil {
			return e.say(m, x)
		}
	}
	if pos, why, ok := findBadPort(x); ok {
		return configErrorAt(pos, why, `write "8080:80", "127.0.0.1:8080:80/udp", or ranges of the same length: "8000-8009:80-89"`)
	}
	return configErrorAt(x.locate(""), text, "correct the compose file; icc config shows how it is read")
}

func explainValue(m []string, x *index) *resource.Error {
	path, what := m[2], m[3]
	hint := "correct the value"
	if want, ok := strings.CutPrefix(what, "must be a "); ok {
		want = strings.ReplaceAll(want, "array", "list")
		what = "must be a " + want
		hint = "write a " + want + " here"
		if strings.Contains(want, "list") {
			hint += `, such as ["value"]`
		}
	}
	if values, ok := strings.CutPrefix(what, "value must be one of "); ok {
		what = "is none of the allowed values"
		hint = "write one of " + values
	}
	if strings.HasSuffix(path, ".container_name") {
		what = "is no name for a container"
		hint = "use letters, digits, dots, hyphens and underscores, and begin with a letter or digit"
	}
	if strings.HasPrefix(what, "items at ") {
		what = "has the same entry twice"
		hint = "remove one of the two"
	}
	return configErrorAt(x.locate(path), what, hint)
}

func explainVariable(m []string, x *index) *resource.Error {
	pos, text := x.locate(m[1]), m[2]
	if v, ok := strings.CutPrefix(text, "required variable "); ok {
		name, reason, _ := strings.Cut(v, " is missing a value")
		return configErrorAt(pos, fmt.Sprintf("variable %s has no value%s", name, reason),
			fmt.Sprintf("set %s in the environment, in .env, or in a file given with --env-file", name))
	}
	return castError(pos, strings.TrimPrefix(text, "failed to cast to expected type: "))
}

// castError is the error for a value of the wrong type.
func castError(pos resource.Position, text string) *resource.Error {
	if m := regexp.MustCompile(`^strconv\.\w+: parsing (".*"): `).FindStringSubmatch(text); m != nil {
		return configErrorAt(pos, m[1]+" is not a number", "write a number")
	}
	if v, ok := strings.CutPrefix(text, "invalid boolean: "); ok {
		return configErrorAt(pos, fmt.Sprintf("%q is neither true nor false", v), "write true or false")
	}
	return configErrorAt(pos, text, "correct the value")
}

func explainTemplate(m []string, x *index) *resource.Error {
	return configErrorAt(x.locate(m[1]), fmt.Sprintf("%q refers to a variable in a wrong way", m[2]),
		"write ${NAME} or ${NAME:-default}; a dollar sign itself is $$")
}

func explainTarget(m []string, x *index) *resource.Error {
	return configErrorAt(x.locate(m[1]+m[2]), "the service's own port is missing", `write it behind the host's, as in "8080:80", or as target: 80`)
}

var bracket = regexp.MustCompile(`\[([^\]]*[^\]\d][^\]]*)\]`)

func explainDecoding(m []string, x *index) *resource.Error {
	path := bracket.ReplaceAllString(m[1], ".$1")
	text := strings.TrimPrefix(m[2], "time: ")
	hint := "correct the value"
	switch {
	case strings.HasPrefix(text, "strconv."):
		return castError(x.locate(path), text)
	case strings.HasPrefix(text, "invalid duration"):
		hint = "write a duration with a unit, such as 30s or 1m30s"
	case strings.HasPrefix(text, "invalid size"):
		hint = "write a size with a unit, such as 512m or 2g"
	case strings.Contains(text, "missing IP"):
		hint = `write "name=address"`
	case strings.Contains(text, "command line"):
		text, hint = "quotes or escapes in the command do not match", `close them, or write the command as a list: ["program", "argument"]`
	}
	return configErrorAt(x.locate(path), text, hint)
}

func explainMissingFile(m []string, x *index) *resource.Error {
	file := m[2]
	what, why := "file", "does not exist"
	if strings.HasSuffix(m[1], "file") {
		what = m[1]
	}
	if len(m) > 3 && m[3] != "no such file or directory" {
		why = "cannot be read: " + m[3]
	}
	hint := "create it, or correct its name"
	if what == "env file" {
		hint += "; required: false makes it optional"
	}
	text := fmt.Sprintf("%s %s %s", what, file, why)
	if pos, ok := findReference(x, file); ok {
		return configErrorAt(pos, text, hint)
	}
	return configError(text, hint)
}

func explainEnvFile(m []string, x *index) *resource.Error {
	text := fmt.Sprintf("%s cannot be read: %s", x.show(m[1]), m[2])
	hint := "write one KEY=value a line, and quote values with spaces or quotes in them"
	if pos, ok := findReference(x, m[1]); ok {
		return configErrorAt(pos, text, hint)
	}
	return configError(text, hint)
}

func explainExtends(m []string, x *index) *resource.Error {
	pos := x.locate("services." + m[1] + ".extends")
	known := attributesIn(x, "services")
	hint := "name a service of " + x.show(m[2])
	if n := suggest.Nearest(m[3], known); n != "" {
		hint = fmt.Sprintf("did you mean %q?", n)
	}
	return configErrorAt(pos, fmt.Sprintf("service %q extends %q, which %s does not have", m[1], m[3], x.show(m[2])), hint)
}

func explainCircle(m []string, x *index) *resource.Error {
	what, path := "services extend each other in a circle", "services"
	if m[1] != "Circular reference" {
		what, path = "files include each other in a circle", "include"
	}
	steps := strings.Join(strings.Fields(m[2]), " ")
	return configErrorAt(x.locate(path), what+": "+steps, "remove one of the references")
}

func explainPlace(m []string, x *index) *resource.Error {
	text := m[2]
	switch {
	case text == "a mapping" || strings.HasPrefix(text, "be a "):
		text = "must be a mapping"
	case strings.HasPrefix(text, "missing"):
		text = "is " + text
	}
	return configErrorAt(x.locate(m[1]), text, "correct the entry")
}

func explainKey(m []string, x *index) *resource.Error {
	return configErrorAt(x.locate(m[1]), fmt.Sprintf("%s cannot be a key, which has to be a text", m[2]), "put it into quotes")
}

func explainEmpty(m []string, x *index) *resource.Error {
	text := "the compose file is empty"
	if m[1] != "empty compose file" {
		text = "the compose file is not a mapping"
	}
	return configErrorAt(x.locate(""), text, "begin it with services: and the services under it")
}
