// Package pid1 puts the parts of icc-init together: as PID 1 that supervises the command, or, for images with an init of
// their own, as a keeper.
//
// With Spec.Takeover PID 1 prepares everything, starts the keeper as a child, and executes the image's init in its own
// place. The keeper reads the output, answers the applets, tests health and keeps the state file; it lets no signal but
// SIGKILL end it, so that it lives as long as the container. How the image's init ends is that init's own affair: nobody
// is left to record it. Its last output may be lost, too: with PID 1 the kernel kills the keeper at once, and what it
// has not read by then is gone with the pipe. Nothing inside the container can outlive its PID 1, and only the host's
// root may give the keeper precedence over it.
package pid1
