package main

import (
	"strings"
	"testing"
	"time"
)

func TestTimesOfLogs(t *testing.T) {
	t.Parallel()
	local := func(y int, m time.Month, d, h, min, s int) string {
		return time.Date(y, m, d, h, min, s, 0, time.Local).UTC().Format(time.RFC3339Nano)
	}
	for in, want := range map[string]string{
		"": "", "42m": "42m", "1h30m": "1h30m", "0s": "0s",
		"2026-11-22T13:23:37Z":           "2026-11-22T13:23:37Z",
		"2026-11-22T13:23:37.25+02:00":   "2026-11-22T11:23:37.25Z",
		"2026-11-22T13:23Z":              "2026-11-22T13:23:00Z",
		"2026-11-22T13:23:37":            local(2026, 11, 22, 13, 23, 37),
		"2026-11-22T13:23":               local(2026, 11, 22, 13, 23, 0),
		"2026-11-22":                     local(2026, 11, 22, 0, 0, 0),
		"2026-11-22Z":                    "2026-11-22T00:00:00Z",
		"1136073845":                     "2006-01-01T00:04:05Z",
		"1136073845.000000001":           "2006-01-01T00:04:05.000000001Z",
		"2026-11-22T13:23:37.123456789Z": "2026-11-22T13:23:37.123456789Z",
	} {
		if got, err := parseTime("since", in); got != want || err != nil {
			t.Errorf("%q becomes %q, %v; want %q", in, got, err, want)
		}
	}
	for _, bad := range []string{"yesterday", "-5m", "2026-13-01", "12:30", "1.2.3", "5 m", "1136073845.0000000001", "1.-1"} {
		got, err := parseTime("until", bad)
		if err == nil || !strings.Contains(err.Error(), "--until") {
			t.Errorf("%q becomes %q, %v", bad, got, err)
		}
	}
}
