// Package launch turns a fresh process of icc-init into the service's command.
//
// PID 1 does not fork and change itself: it starts icc-init once more ("the trampoline"), which reads the spec from a
// pipe, becomes the user, gives up capabilities, and then executes the command in its own place. What goes wrong on
// the way comes back through a second pipe that closes itself on success, so that "cannot be run" is never mistaken for
// an exit code of the command. The exec applet and health tests go the same way without the pipes.
package launch
