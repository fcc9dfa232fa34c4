package supervise

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestRestartsAreDockers(t *testing.T) {
	t.Parallel()
	type end struct {
		code int
		ran  time.Duration
	}
	const ms, s = time.Millisecond, time.Second
	const none = -1 // no restart
	for name, tc := range map[string]struct {
		restart initspec.Restart
		ends    []end
		want    []time.Duration
	}{
		"nothing said means no":  {initspec.Restart{}, []end{{1, 0}}, []time.Duration{none}},
		"no":                     {initspec.Restart{Policy: "no"}, []end{{1, 0}}, []time.Duration{none}},
		"always after any code":  {initspec.Restart{Policy: "always"}, []end{{0, 0}, {1, 0}}, []time.Duration{100 * ms, 200 * ms}},
		"on-failure not after 0": {initspec.Restart{Policy: "on-failure"}, []end{{1, 0}, {0, 0}}, []time.Duration{100 * ms, none}},
		"on-failure:3 is 4 runs": {initspec.Restart{Policy: "on-failure", MaxAttempts: 3}, []end{{1, 0}, {1, 0}, {1, 0}, {1, 0}}, []time.Duration{100 * ms, 200 * ms, 400 * ms, none}},
		"the delay ends at 60 s": {initspec.Restart{Policy: "always"}, make([]end, 12), []time.Duration{100 * ms, 200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 12800 * ms, 25600 * ms, 51200 * ms, 60 * s, 60 * s}},
		"ten good seconds count": {initspec.Restart{Policy: "on-failure", MaxAttempts: 2}, []end{{1, 0}, {1, 10 * s}, {1, 11 * s}}, []time.Duration{100 * ms, 100 * ms, none}},
		"a window of its own":    {initspec.Restart{Policy: "on-failure", MaxAttempts: 1, Window: 2 * s}, []end{{1, s}, {1, 2 * s}, {1, s}}, []time.Duration{100 * ms, 200 * ms, none}},
		"a delay of its own":     {initspec.Restart{Policy: "always", Delay: 5 * s}, []end{{1, 0}, {1, 0}}, []time.Duration{5 * s, 5 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := policy{Restart: tc.restart}
			var got []time.Duration
			for _, e := range tc.ends {
				delay, again := p.next(e.code, e.ran)
				if !again {
					delay = none
				}
				got = append(got, delay)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
