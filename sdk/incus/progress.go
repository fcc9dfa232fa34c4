package incus

import (
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// WaitProgress is Wait that reports the operation's progress. It needs a connection of DialEvents; over one of Dial
// it only waits.
func WaitProgress(ctx context.Context, op incus.Operation, sink resource.Sink) error {
	defer report(op, sink)()
	return Wait(ctx, op)
}

// EndProgress is End that reports the operation's progress, over a connection of DialEvents.
func EndProgress(ctx context.Context, server incus.InstanceServer, op incus.Operation, sink resource.Sink) (*api.Operation, error) {
	defer report(op, sink)()
	return End(ctx, server, op)
}

func report(op incus.Operation, sink resource.Sink) (stop func()) {
	target, err := op.AddHandler(func(o api.Operation) {
		if p, ok := ProgressOf(o); ok {
			sink.Progress(p)
		}
	})
	if err != nil || target == nil {
		return func() {}
	}
	return func() { _ = op.RemoveHandler(target) }
}

// percentage finds the "45%" in texts like "rootfs: 45% (12.50MB/s)".
func percentage(text string) int {
	m := regexp.MustCompile(`\b(\d{1,3})%`).FindStringSubmatch(text)
	if m == nil {
		return -1
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return -1
	}
	return min(n, 100)
}

// ProgressOf returns what an operation's metadata tell of its progress, and whether they tell any. The text is Incus'
// own; the percentage is -1 when only an amount or a speed is known.
func ProgressOf(o api.Operation) (resource.Progress, bool) {
	var keys []string
	for key, value := range o.Metadata {
		if _, isText := value.(string); isText && strings.HasSuffix(key, "_progress") {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return resource.Progress{Percent: -1}, false
	}
	slices.Sort(keys) // two stages at once would otherwise take turns at random
	text, _ := o.Metadata[keys[0]].(string)
	return resource.Progress{Percent: percentage(text), Text: text}, true
}
