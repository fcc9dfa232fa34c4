package initspec_test

import (
	"testing"

	"github.com/icc-project/icc/sdk/initspec"
)

func TestReloadKeepsWhatTheCommandWasStartedWith(t *testing.T) {
	t.Parallel()
	running := initspec.Spec{Version: 1, Argv: []string{"a"}, Env: []string{"A=1"}, StopSignal: "INT"}
	now, complete := running.Reload(initspec.Spec{Version: 1, Argv: []string{"a"}, Env: []string{"A=1"}, Health: &initspec.Health{Test: []string{"CMD", "x"}}})
	if !complete || now.Health == nil || now.StopSignal != "" {
		t.Errorf("complete: %v, %+v", complete, now)
	}
	now, complete = running.Reload(initspec.Spec{Version: 1, Argv: []string{"a"}, Env: []string{"A=2"}, StopSignal: "TERM"})
	if complete || now.Env[0] != "A=1" || now.StopSignal != "TERM" {
		t.Errorf("complete: %v, %+v", complete, now)
	}
}

func TestTheDigestIsTheSameInEveryVersion(t *testing.T) {
	t.Parallel()
	// An icc-init that runs for months is compared with what a newer plugin computes.
	if got := initspec.Digest([]byte(`{"version":1,"argv":["true"]}`)); got != "b625b5f52ebd6541130604487c86974e" {
		t.Errorf("the digest is %s", got)
	}
}
