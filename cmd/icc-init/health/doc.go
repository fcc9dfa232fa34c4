// Package health runs the health test of a service as Docker does: the first time after an interval and then an interval
// after each end, more often during the start period (where failures do not count until one success), with a timeout, and
// unhealthy only after so many failures in a row.
//
// Beyond Docker, it tests early: a service that waits for another one that is ready after a second is not to wait for a
// whole interval. A quarter of a second after the start, after half a second, one, two, four seconds and so on until the
// first regular test is due, one more test is run. Its success counts as any success does when another one confirms it a
// second later: the service is healthy, its start period is over, and the next test comes an interval later. Its failure
// counts for nothing and is kept nowhere.
//
// It decides and it tells; it starts no process and writes no file itself: both are given to it as functions.
package health
