package pid1

import (
	"net"
	"path/filepath"
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
		"a job with ports":             {time.Second, false, 2, shortestLife + 2*lifeByPort},
		"a job with many":              {time.Second, false, manyPorts, initspec.LongestStay},
		"what has lived long":          {time.Hour, false, 9, 0},
		"what is stopped soon":         {time.Second, true, 9, shortestLife},
		"what is stopped in its start": {0, true, 9, shortestLife},
	} {
		if got := lifetime(tt.lived, tt.stopped, func() int { return tt.ports }); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestAServerThatDoesNotSayHowManyPortsThereAreMayHaveMany(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	busy := filepath.Join(dir, "busy")
	listener, err := net.Listen("unix", busy) // takes questions and answers none
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	until := time.Now().Add(400 * time.Millisecond)
	if n := ports(busy, until); n != manyPorts || time.Now().Before(until) {
		t.Errorf("of a busy server, %d ports are counted", n)
	}
	if n := ports(filepath.Join(dir, "none"), time.Now().Add(time.Hour)); n != 0 { // at once
		t.Errorf("without a guest API, %d ports are counted", n)
	}
}
