// Package proc owns the processes of the container as PID 1 sees them: it starts children, reaps whatever dies, lists
// what runs and ends what is left over.
//
// One Reaper calls wait4 for every child, its own and those of dead parents that were handed to PID 1. Nothing else in
// icc-init may wait: os/exec and os.Process.Wait would lose their children to it, or take others'.
package proc
