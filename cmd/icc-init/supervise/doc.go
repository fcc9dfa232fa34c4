// Package supervise is PID 1's work after preparation: start the command, watch it, stop it when Incus asks, start it
// again when its restart policy says so, and tell how it ended.
//
// A life is told in the state file: starting, then running and perhaps restarting in turns, and at last exited, or
// failed when the first start did not work. A stop (SIGPWR from Incus) sends the stop signal to the main process only,
// waits for the grace period, and then kills all that is left; so does Docker. After the main process has ended, by
// itself or not, everything else in the container is ended too, as it would be with its PID namespace under Docker:
// by SIGTERM, and half a second later by SIGKILL. Only icc-init's own applets may go on, to report the end.
//
// The package refuses to judge output or health; it only starts and ends those who do.
package supervise
