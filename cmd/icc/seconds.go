package main

import "time"

// seconds returns that many seconds. More than anybody waits for are as many as can be reckoned with.
func seconds(n int) time.Duration {
	const most = 100 * 365 * 24 * time.Hour
	return time.Duration(min(max(n, -1), int(most/time.Second))) * time.Second
}
