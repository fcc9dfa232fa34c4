package main

import (
	"bytes"
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"
	"pgregory.net/rapid"
)

func detachContext(t *testing.T, keys string) *cli.Context {
	t.Helper()
	set := flag.NewFlagSet("attach", flag.ContinueOnError)
	set.String("detach-keys", keys, "")
	c := cli.NewContext(newApp(), set, nil)
	c.Command = &cli.Command{Name: "attach", HelpName: "icc attach"}
	return c
}

func TestDetachKeysAreDockers(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][]byte{
		"": {16, 17}, "ctrl-p,ctrl-q": {16, 17}, "ctrl-a,d": {1, 'd'}, "CTRL-A,D": {1, 'D'}, "ctrl-@": {0}, "ctrl-[": {27}, "ctrl-_": {31}, "x": {'x'},
	} {
		got, err := parseDetachKeys(detachContext(t, in))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", in, err, diff)
		}
	}
	for _, bad := range []string{"ctrl-", "ctrl-1", "alt-x", "ctrl-p,,q", "ctrl-pq"} {
		if got, err := parseDetachKeys(detachContext(t, bad)); err == nil {
			t.Errorf("%q becomes %v", bad, got)
		}
	}
}

func TestDetachKeysAreFoundAcrossReads(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		typed    []string
		want     string
		complete bool
	}{
		{"in one read", []string{"ls\x10\x11more"}, "ls", true},
		{"in two reads", []string{"ls\x10", "\x11"}, "ls", true},
		{"the first key alone is for the process, late", []string{"\x10", "x"}, "\x10x", false},
		{"the first key twice", []string{"\x10\x10\x11"}, "\x10", true},
		{"the second key alone", []string{"\x11a"}, "\x11a", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := detacher{keys: []byte{16, 17}}
			var got []byte
			complete := false
			for _, part := range tt.typed {
				pass, found := d.scan([]byte(part))
				got, complete = append(got, pass...), complete || found
			}
			if string(got) != tt.want || complete != tt.complete {
				t.Errorf("passes %q on, complete %v; want %q, %v", got, complete, tt.want, tt.complete)
			}
		})
	}
}

func TestWhatIsTypedArrivesWhateverTheDetachKeysAre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.ByteRange('a', 'c'), 0, 3).Draw(t, "keys")
		d := detacher{keys: keys}
		var typed, passed []byte
		for range rapid.IntRange(0, 10).Draw(t, "reads") {
			part := rapid.SliceOfN(rapid.ByteRange('a', 'd'), 0, 5).Draw(t, "typed")
			typed = append(typed, part...)
			pass, complete := d.scan(part)
			passed = append(passed, pass...)
			if complete {
				if !bytes.Contains(typed, keys) {
					t.Fatalf("%q has no %q", typed, keys)
				}
				return
			}
		}
		if held := append(passed, keys[:d.found]...); !bytes.Equal(held, typed) {
			t.Fatalf("typed %q, passed on %q with what is held back", typed, held)
		}
	})
}
