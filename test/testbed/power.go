package testbed

import "testing"

// Another starts one more server, for a test that restarts it or fills its disk, and ends it after the test.
func Another(t testing.TB, name string) Host {
	t.Helper()

	for _, step := range [][]string{{"down", name}, {"up", name}, {"images", name}} {
		mustBed(t, step...)
	}

	t.Cleanup(func() {
		if err := bed("down", name); err != nil {
			t.Error(err)
		}
	})

	host, err := find(name)
	if err != nil {
		t.Fatal(err)
	}

	return host
}

// RestartIncus replaces Incus' daemon, as an update of it does. Instances go on; connections to the server end.
func (h Host) RestartIncus(t testing.TB) {
	t.Helper()
	mustBed(t, "restart", h.Name)
}

// CrashIncus kills Incus' daemon without a word and waits for the next one.
func (h Host) CrashIncus(t testing.TB) {
	t.Helper()
	mustBed(t, "restart", h.Name, "--crash")
}

// Reboot shuts the server's host down and starts it again on the same disk. Instances that are to run may still be
// starting when it returns.
func (h Host) Reboot(t testing.TB) {
	t.Helper()
	mustBed(t, "reboot", h.Name)
}

// PullThePlug is a Reboot without the shutdown.
func (h Host) PullThePlug(t testing.TB) {
	t.Helper()
	mustBed(t, "reboot", h.Name, "--crash")
}

func mustBed(t testing.TB, args ...string) {
	t.Helper()

	if err := bed(args...); err != nil {
		t.Fatal(err)
	}
}
