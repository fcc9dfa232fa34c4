package initspec_test

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestAnEntryReadsBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := initspec.Entry{
			Time:    time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "s"), rapid.Int64Range(0, 999999999).Draw(t, "ns")).UTC(),
			Stream:  rapid.SampledFrom([]string{initspec.Stdout, initspec.Stderr}).Draw(t, "stream"),
			Partial: rapid.Bool().Draw(t, "partial"),
			Text:    bytes.ReplaceAll(rapid.SliceOf(rapid.Byte()).Draw(t, "text"), []byte{'\n'}, nil),
		}
		line := initspec.AppendEntry(nil, want)
		got, err := initspec.ParseEntry(bytes.TrimSuffix(line, []byte{'\n'}))
		if err != nil || !got.Time.Equal(want.Time) || got.Stream != want.Stream || got.Partial != want.Partial || !bytes.Equal(got.Text, want.Text) {
			t.Fatalf("%q: got %+v, %v", line, got, err)
		}
	})
}

func TestWhatIsNoEntryIsRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "hello", "2026-11-22T18:00:00.000000000Z", "2026-11-22T18:00:00.000000000Z stdout",
		"2026-11-22T18:00:00.000000000Z stdlog F x", "yesterday stdout F x", "2026-11-22T18:00:00.000000000Z stdout Fx"} {
		if e, err := initspec.ParseEntry([]byte(line)); err == nil {
			t.Errorf("%q was read as %+v", line, e)
		}
	}
}

func TestSegmentsAreNumbered(t *testing.T) {
	t.Parallel()
	for _, n := range []uint64{1, 12, 9999999999} {
		if got, ok := initspec.SegmentNumber(initspec.SegmentName(n)); !ok || got != n {
			t.Errorf("%s: got %d, %v", initspec.SegmentName(n), got, ok)
		}
	}
	for _, name := range []string{"", "1.log", "state.json", "0000000001.log.gz", "x000000001.log"} {
		if n, ok := initspec.SegmentNumber(name); ok {
			t.Errorf("%s was read as %d", name, n)
		}
	}
}
