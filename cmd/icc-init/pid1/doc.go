// Package pid1 puts the parts of icc-init together: as PID 1 that supervises the command, or, for images with an init of
// their own, as a keeper.
//
// With Spec.Takeover PID 1 prepares everything, starts the keeper as a child, and executes the image's init in its own
// place. The keeper reads the output, answers the applets, tests health and keeps the state file; it lets no signal but
// SIGKILL end it, so that it lives as long as the container. How the image's init ends is that init's own affair: nobody
// is left to record it.
package pid1
