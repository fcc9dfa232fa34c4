// Package control is how `/s6-init APPLET` talks to PID 1: one line of JSON as the request over a Unix socket that only
// the container's root can open, one as the answer, and after that the frames of package attach for `attach`. Both sides
// are always the same file, so the protocol has no version.
//
// Serve is PID 1's side and asks a Supervisor. Run… are the applets; they return the exit code for the process.
package control
