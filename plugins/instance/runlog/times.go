package runlog

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// layouts are the forms of a time that Docker understands; those without a zone are local.
var layouts = [...]string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", "2006-01-02T15:04",
	"2006-01-02T15Z07:00", "2006-01-02T15", "2006-01-02Z07:00", "2006-01-02",
}

// ParseTime reads a time as `docker logs --since` takes it: a date, a date with a time, seconds since 1970 with or
// without a fraction, or how long before now as a duration. Empty is the zero time.
func ParseTime(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, ok := parseUnix(text); ok {
		return at, nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at, nil
		}
	}
	return time.Time{}, resource.ErrInvalidFormat.WithText(fmt.Sprintf("%q is not a time", text)).
		WithHint(`write a duration like "10m", or a time like "2026-01-31T15:04:05"`)
}

// parseUnix reads "seconds[.fraction]".
func parseUnix(text string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	const digits = 9
	if len(fraction) > digits {
		fraction = fraction[:digits]
	}
	nanos, err := strconv.ParseUint("0"+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	return time.Unix(seconds, int64(nanos)), true
}
