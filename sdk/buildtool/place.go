package buildtool

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/icc-project/icc/sdk/kinds"
)

// place says where in the build's Containerfile an instruction stands that a tool names by its text: "Containerfile:7".
// It is empty unless exactly one instruction reads like that.
func place(c kinds.BuildConfig, instruction string) string {
	name, text := "dockerfile_inline", c.DockerfileInline
	if text == "" {
		file := Containerfile(c)
		content, err := os.ReadFile(file)
		if err != nil {
			return ""
		}
		name, text = file, string(content)
		if below, err := filepath.Rel(c.Context, file); err == nil && filepath.IsLocal(below) {
			name = below
		}
	}
	line := 0
	for _, i := range instructions(text) {
		if !strings.EqualFold(i.text, normal(instruction)) {
			continue
		}
		if line > 0 {
			return ""
		}
		line = i.line
	}
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d", name, line)
}

// instruction is one of a Containerfile.
type instruction struct {
	line int // where it begins, from 1
	text string
}

// normal is an instruction's text without what tools change in it: how much space is between its words.
func normal(text string) string { return strings.Join(strings.Fields(text), " ") }

var (
	escapeDirective = regexp.MustCompile("(?i)^#\\s*escape\\s*=\\s*([`\\\\])\\s*$")
	heredoc         = regexp.MustCompile(`(?:^|\s)\d*<<(-?)["']?([A-Za-z_]\w*)["']?(?:\s|$)`)
)

// reader reads a Containerfile line by line.
type reader struct {
	out    []instruction
	escape string
	// begun says that an instruction goes on in the next line.
	begun bool
	// open are the lines that end the here-documents that have begun.
	open []end
	// unsure says that tools read the file differently.
	unsure bool
}

// end is the last line of a here-document, which may begin with tabs.
type end struct {
	line string
	tabs bool
}

// instructions reads a Containerfile: continued lines are joined, comments and the bodies of here-documents left out.
// Nothing is sure when a here-document has no end, or a line ends with the escape character twice: buildah continues it,
// BuildKit does not.
func instructions(text string) []instruction {
	r := reader{escape: `\`}
	directives := true
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		if m := escapeDirective.FindStringSubmatch(line); m != nil && directives {
			r.escape = m[1]
		}
		directives = directives && strings.HasPrefix(line, "#")
		r.read(i+1, line)
	}
	if len(r.open) > 0 || r.unsure {
		return nil
	}
	return r.out
}

func (r *reader) read(number int, line string) {
	if len(r.open) > 0 {
		if line == r.open[0].line || r.open[0].tabs && strings.TrimLeft(line, "\t") == r.open[0].line {
			r.open = r.open[1:]
		}
		return
	}
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return
	}
	if !r.begun {
		r.out = append(r.out, instruction{line: number})
	}
	r.unsure = r.unsure || strings.HasSuffix(line, r.escape+r.escape)
	last := &r.out[len(r.out)-1]
	var part string
	part, r.begun = strings.CutSuffix(line, r.escape)
	last.text = normal(last.text + " " + part)
	if r.begun {
		return
	}
	for _, m := range heredoc.FindAllStringSubmatch(last.text, -1) {
		r.open = append(r.open, end{line: m[2], tabs: m[1] != ""})
	}
}
