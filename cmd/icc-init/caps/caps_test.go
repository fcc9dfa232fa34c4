package caps_test

import (
	"testing"

	"github.com/icc-project/icc/cmd/icc-init/caps"
)

func TestCapabilitiesAreAddedAndDroppedAsDockerDoes(t *testing.T) {
	t.Parallel()
	const chown, kill, raw, bpf = 1 << 0, 1 << 5, 1 << 13, 1 << 39
	const have = chown | kill | raw
	for name, tc := range map[string]struct {
		add, drop []string
		want      caps.Set
		err       string
	}{
		"nothing said changes nothing":             {nil, nil, have, ""},
		"one is dropped":                           {nil, []string{"NET_RAW"}, chown | kill, ""},
		"names may have the prefix and be small":   {nil, []string{"cap_net_raw", "CAP_kill"}, chown, ""},
		"all but one are dropped":                  {[]string{"KILL"}, []string{"ALL"}, kill, ""},
		"what is both dropped and added stays":     {[]string{"KILL"}, []string{"KILL", "CHOWN"}, kill | raw, ""},
		"all added and one dropped":                {[]string{"ALL"}, []string{"CHOWN"}, kill | raw, ""},
		"all added wins over all dropped":          {[]string{"all"}, []string{"all"}, have, ""},
		"what the container lacks cannot be added": {[]string{"BPF"}, []string{"ALL"}, 0, ""},
		"an unknown one is refused":                {[]string{"FLY"}, nil, 0, `unknown capability "FLY"`},
		"an unknown one is refused when dropped":   {nil, []string{"CAP_FLY"}, 0, `unknown capability "CAP_FLY"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := caps.Tweak(have, tc.add, tc.drop)
			if (err == nil) != (tc.err == "") || err != nil && err.Error() != tc.err {
				t.Fatalf("got error %v, want %q", err, tc.err)
			}
			if got != tc.want {
				t.Errorf("got %b, want %b", got, tc.want)
			}
		})
	}
	if set, _, err := caps.Parse([]string{"BPF"}); err != nil || set != bpf {
		t.Errorf("BPF is %b, %v", set, err)
	}
}
