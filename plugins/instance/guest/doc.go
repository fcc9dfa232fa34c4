// Package guest runs commands inside a running instance: for `icc exec` with terminal, resizing and signals, and for
// health tests with bounded output, and icc-init's applets.
//
// Commands get the service's environment, user and directory unless told otherwise. Nothing is installed in the
// guest, and none of its tools are relied on: users are looked up by reading its /etc/passwd.
package guest
