// Command icc-init is PID 1 in the OCI containers of icc: it runs the service's command as Docker would have it run.
//
// It reads its orders (initspec.Spec) from Incus' guest API, prepares the container, starts the command as the wanted
// user, keeps its output in files, tests its health, passes signals on, starts it again by its restart policy, and
// leaves a file that tells how it ended. Started a second time inside the container, it is a set of applets.
//
// It is one static file of less than 3 MB that works in empty images. So it refuses much: net/http, net and os/exec, any
// library but the standard one, configuration files, and listening on anything but a socket of its own directory and the
// container's loopback.
package main
