package main

import (
	"fmt"
	"time"
)

// ago is how long ago something was, in docker's words: "3 minutes ago".
func ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return howLong(time.Since(t)) + " ago"
}

// howLong puts a duration into docker's words: "Less than a second", "About a minute", "3 hours".
func howLong(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return "Less than a second"
	case d < 2*time.Second:
		return "1 second"
	case d < time.Minute:
		return fmt.Sprintf("%d seconds", d/time.Second)
	case d < 2*time.Minute:
		return "About a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d < 2*time.Hour:
		return "About an hour"
	case d < 2*day:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d < 14*day:
		return fmt.Sprintf("%d days", d/day)
	case d < 60*day:
		return fmt.Sprintf("%d weeks", d/(7*day))
	case d < 2*365*day:
		return fmt.Sprintf("%d months", d/(30*day))
	}
	return fmt.Sprintf("%d years", d/(365*day))
}
