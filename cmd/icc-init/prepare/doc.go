// Package prepare makes the container look as the spec wants it before the command starts: the loopback
// interface, host name, /etc/hosts, resolver options, low ports for everybody, a read-only root.
//
// Incus binds files of its own over /etc/hosts, /etc/hostname and /etc/resolv.conf, which the container may not write;
// so generated files are bound over those again. Most of it is best effort, for a service without a host name is better
// than none; what must not fail in silence (a root that was to be read-only) is an error.
package prepare
