package pid1

import (
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestPID1StaysForItsPortsUnlessItIsStopped(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		lived   time.Duration
		stopped bool
		ports   int
		want    time.Duration
	}{
		"a job without ports":          {0, false, 0, shortestLife},
		"a job with ports":             {time.Second, false, 2, shortestLife + 2*lifeByPort - time.Second},
		"a job with many":              {time.Second, false, 9, initspec.LongestStay - time.Second},
		"what has lived long":          {time.Hour, false, 9, 0},
		"what is stopped soon":         {time.Second, true, 9, shortestLife - time.Second},
		"what is stopped in its start": {0, true, 9, shortestLife},
	} {
		if got := stay(tt.lived, tt.stopped, func() int { return tt.ports }); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
