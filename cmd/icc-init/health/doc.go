// Package health runs the health test of a service as Docker does: the first time after an interval and then an interval
// after each end, more often during the start period (where failures do not count until one success), with a timeout, and
// unhealthy only after so many failures in a row.
//
// It decides and it tells; it starts no process and writes no file itself: both are given to it as functions.
package health
