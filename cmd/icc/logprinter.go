package main

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/resource"
)

// logPrinter prints whole log lines with the instance's name before them, as docker compose does.
type logPrinter struct {
	out, err io.Writer
	prefix   bool
	colour   bool
	times    bool

	mu      sync.Mutex
	width   int
	colours map[resource.Ref]int
	names   map[resource.Ref]string
	split   *splitter
}

// palette are the colours of the prefixes, in the order in which instances get them.
var palette = [...]int{36, 33, 32, 35, 34, 96, 93, 92, 95, 94}

func newLogPrinter(c *cli.Context) *logPrinter {
	colour := isTerminal(os.Stdout) && os.Getenv("NO_COLOR") == "" && c.String("ansi") != "never"
	p := &logPrinter{
		out: c.App.Writer, err: os.Stderr,
		prefix: !c.Bool("no-log-prefix"), colour: colour && !c.Bool("no-color"), times: c.Bool("timestamps"),
		colours: make(map[resource.Ref]int), names: make(map[resource.Ref]string),
	}
	p.split = newSplitter(p.write)
	return p
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

// Handle prints the output of log actions as it arrives and ignores every other event.
func (p *logPrinter) Handle(e event.Event) {
	if !isLog(e) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.split.add(lineKey{e.Ref, e.Stream}, e.Data)
}

// flush prints the lines of an instance that never ended.
func (p *logPrinter) flush(ref resource.Ref) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.split.flush(ref)
}

// print prints one line.
func (p *logPrinter) print(l logLine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(l)
}

// status prints what has become of an instance: "shop-web-1 exited with code 0".
func (p *logPrinter) status(i instance, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(p.out, p.paint(i.Ref, i.name()+" "+text))
}

// write prints a line in one piece, so that other processes' lines on the same terminal stay whole.
func (p *logPrinter) write(l logLine) {
	w := p.out
	if l.stream == resource.Stderr {
		w = p.err
	}
	var line []byte
	if p.prefix {
		line = append(line, p.paint(l.ref, fmt.Sprintf("%-*s |", p.width, p.names[l.ref]))...)
		line = append(line, ' ')
	}
	if p.times && len(l.stamp) > 0 {
		line = append(append(line, l.stamp...), ' ')
	}
	_, _ = w.Write(append(append(line, l.text...), '\n')) // a closed pipe ends icc
}

func (p *logPrinter) paint(ref resource.Ref, text string) string {
	if !p.colour {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", p.colours[ref], text)
}
