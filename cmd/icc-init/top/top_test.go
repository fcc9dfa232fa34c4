package top

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/sdk/initspec"
)

func TestTheListIsThatOfPs(t *testing.T) {
	t.Parallel()
	boot := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	now := boot.Add(100 * time.Hour)
	list := []proc.Info{
		{PID: 1, UID: 0, Command: []string{"/s6-init"}, Start: 100},
		{PID: 7, PPID: 1, UID: 1000, TTY: 136<<8 | 3, Command: []string{"sh", "-c", "a b"}, Start: 99 * 3600 * 100, Ticks: 1800 * 100},
		{PID: 8, PPID: 7, UID: 8, Name: "gone", State: 'Z', Start: 99 * 3600 * 100, Ticks: 3661 * 100},
		{PID: 9, Command: []string{"/s6-init", "top"}},
	}
	got := render(list, 9, names("root:x:0:0::/:\napp:x:1000:1000::/:\n"), now, boot)
	want := initspec.Processes{
		Titles: []string{"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"},
		Processes: [][]string{
			{"root", "1", "0", "0", "Nov01", "?", "00:00:00", "/s6-init"},
			{"app", "7", "1", "50", "11:00", "pts/3", "00:30:00", "sh -c a b"},
			{"8", "8", "7", "99", "11:00", "?", "01:01:01", "[gone] <defunct>"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
