package testbed

import (
	"testing"
	"time"
)

// LeavesNothingSoon is LeavesNothing without its patience, for a test that leaves something.
func (h Host) LeavesNothingSoon(t testing.TB) { h.leavesNothing(t, 3*time.Second, nil) }
