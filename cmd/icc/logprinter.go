package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// logPrinter prints whole log lines with the instance's name before them, as docker compose does.
type logPrinter struct {
	out, err io.Writer
	prefix   bool
	colour   bool

	mu      sync.Mutex
	width   int
	colours map[resource.Ref]int
	names   map[resource.Ref]string
	partial map[lineKey][]byte
}

// lineKey tells the unfinished lines of an instance's two streams apart.
type lineKey struct {
	ref    resource.Ref
	stream resource.Stream
}

// palette are the colours of the prefixes, in the order in which instances get them.
var palette = [...]int{36, 33, 32, 35, 34, 96, 93, 92, 95, 94}

func newLogPrinter(c *cli.Context) *logPrinter {
	colour := term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "" && c.String("ansi") != "never"
	return &logPrinter{
		out: os.Stdout, err: os.Stderr,
		prefix: !c.Bool("no-log-prefix"), colour: colour && !c.Bool("no-color"),
		colours: make(map[resource.Ref]int), names: make(map[resource.Ref]string), partial: make(map[lineKey][]byte),
	}
}

// prepare fixes the width and colours of the prefixes.
func (p *logPrinter) prepare(list []instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, i := range list {
		p.width = max(p.width, len(i.name()))
		p.colours[i.Ref] = palette[n%len(palette)]
		p.names[i.Ref] = i.name()
	}
}

// Handle prints the output of log actions and ignores every other event.
func (p *logPrinter) Handle(e event.Event) {
	if e.Type != event.Output || e.Action != resource.ActionLog {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := lineKey{e.Ref, e.Stream}
	data := append(p.partial[key], e.Data...)
	for {
		line, rest, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			break
		}
		p.print(key, line)
		data = rest
	}
	p.partial[key] = bytes.Clone(data)
}

// flush prints lines that never ended.
func (p *logPrinter) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, line := range p.partial {
		if len(line) > 0 {
			p.print(key, line)
		}
	}
	clear(p.partial)
}

func (p *logPrinter) print(key lineKey, line []byte) {
	w := p.out
	if key.stream == resource.Stderr {
		w = p.err
	}
	line = bytes.TrimRight(line, "\r")
	if !p.prefix {
		fmt.Fprintf(w, "%s\n", line)
		return
	}
	prefix := fmt.Sprintf("%-*s |", p.width, p.names[key.ref])
	if p.colour {
		prefix = fmt.Sprintf("\x1b[%dm%s\x1b[0m", p.colours[key.ref], prefix)
	}
	fmt.Fprintf(w, "%s %s\n", prefix, line)
}

// parseTail reads the value of --tail: a number of lines, or "all" for -1.
func parseTail(s string) (int, error) {
	if s == "" || s == "all" {
		return -1, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0, &usageError{command: "logs", text: fmt.Sprintf("--tail %q is neither a number nor all", s)}
	}
	return n, nil
}
