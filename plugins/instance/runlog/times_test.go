package runlog_test

import (
	"errors"
	"testing"
	"time"

	"github.com/icc-project/icc/plugins/instance/runlog"
	"github.com/icc-project/icc/sdk/resource"
)

func TestTimesAreReadAsDockerReadsThem(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("here", 2*60*60)
	now := time.Date(2026, 11, 22, 18, 30, 0, 0, zone)
	for text, want := range map[string]time.Time{
		"":                               {},
		"10m":                            now.Add(-10 * time.Minute),
		"1h30m":                          now.Add(-90 * time.Minute),
		"1136073600":                     time.Unix(1136073600, 0),
		"1136073600.000000001":           time.Unix(1136073600, 1),
		"1136073600.5":                   time.Unix(1136073600, 500000000),
		"2026-11-22":                     time.Date(2026, 11, 22, 0, 0, 0, 0, zone),
		"2026-11-22Z":                    time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		"2026-11-22T18:01":               time.Date(2026, 11, 22, 18, 1, 0, 0, zone),
		"2026-11-22T18:01:02":            time.Date(2026, 11, 22, 18, 1, 2, 0, zone),
		"2026-11-22T18:01:02.5":          time.Date(2026, 11, 22, 18, 1, 2, 500000000, zone),
		"2026-11-22T18:01:02Z":           time.Date(2026, 11, 22, 18, 1, 2, 0, time.UTC),
		"2026-11-22T18:01:02.000000003Z": time.Date(2026, 11, 22, 18, 1, 2, 3, time.UTC),
		"2026-11-22T18:01:02+01:00":      time.Date(2026, 11, 22, 17, 1, 2, 0, time.UTC),
	} {
		if got, err := runlog.ParseTime(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "10", "2026-13-01", "1.x", "22.11.2026", "-"} {
		got, err := runlog.ParseTime(text, now)
		if text == "10" && err == nil {
			continue // ten seconds after 1970 began
		}
		if !errors.Is(err, resource.ErrInvalidFormat) || resource.Hint(err) == "" {
			t.Errorf("%q: got %s, %v", text, got, err)
		}
	}
}
