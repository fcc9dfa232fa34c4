package compose

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/icc-project/icc/sdk/resource"
)

const syntaxHint = "check indentation (spaces, no tabs), quotes and brackets there and in the line before"

var (
	lineNumber   = regexp.MustCompile(`line (\d+)(?:, column (\d+))?`)
	keyTwice     = regexp.MustCompile(`line (\d+): mapping key (".+") already defined at line (\d+)`)
	unclosedText = regexp.MustCompile(`while scanning a quoted scalar at line (\d+).*unexpected (?:end of stream|document indicator)`)
)

// explainSyntax names the line of a YAML error. The library counts lines from 1 in its scanner and from 0 in its
// parser, whose messages are told by their words.
func explainSyntax(m []string, x *index) *resource.Error {
	file, text := m[1], m[2]
	pos := resource.Position{File: x.show(file)}
	if d := keyTwice.FindStringSubmatch(text); d != nil {
		pos.Line, _ = strconv.Atoi(d[1])
		return configErrorAt(pos, fmt.Sprintf("%s is set a second time; the first is in line %s", d[2], d[3]), "remove one of the two")
	}
	if d := unclosedText.FindStringSubmatch(text); d != nil {
		pos.Line, _ = strconv.Atoi(d[1])
		return configErrorAt(pos, fmt.Sprintf("not valid YAML: a quote opens here and is never closed, at %q", x.line(file, pos.Line)), "close the quote")
	}
	if line := x.illegible(file); line > 0 {
		pos.Line = line
		return configErrorAt(pos, "not valid YAML: this line is not UTF-8", "save the file as UTF-8")
	}
	if marks := lineNumber.FindAllStringSubmatch(text, -1); len(marks) > 0 {
		pos.Line, _ = strconv.Atoi(marks[len(marks)-1][1])
	}
	if strings.Contains(text, "while parsing") || strings.HasSuffix(text, "did not find expected node content") {
		pos.Line++
	}
	words := strings.TrimSpace(lineNumber.ReplaceAllString(text[strings.LastIndex(text, ": ")+1:], ""))
	words = strings.TrimPrefix(strings.TrimSpace(words), ": ")
	for pos.Line > 1 && x.line(file, pos.Line) == "" { // what is missing at the end of the file is missing after its last line
		pos.Line--
	}
	if source := x.line(file, pos.Line); source != "" {
		words += fmt.Sprintf(", at %q", source)
	}
	return configErrorAt(pos, "not valid YAML: "+words, syntaxHint)
}

// illegible returns the first line of a file that is not UTF-8, 0 when there is none.
func (x *index) illegible(name string) int {
	for _, f := range x.files {
		if f.name != name && x.show(f.name) != name || utf8.Valid(f.content) {
			continue
		}
		for i, line := range bytes.Split(f.content, []byte("\n")) {
			if !utf8.Valid(line) {
				return i + 1
			}
		}
	}
	return 0
}
