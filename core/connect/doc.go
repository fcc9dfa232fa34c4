// Package connect turns the user's Incus client configuration and --remote into one local unix socket that plugins
// dial: the server's own when it runs on this machine, otherwise one of ours behind which a reverse proxy keeps
// authenticated TLS connections to the remote server open.
//
// It reads the same files and variables as the incus command (INCUS_CONF, INCUS_REMOTE, INCUS_SOCKET, INCUS_DIR,
// INCUS_PROJECT), so that keys and certificates stay in the host process and what works for `incus list` works here.
//
// It creates, changes and deletes nothing on the server, never writes to the configuration, and never asks the user:
// adding remotes and trusting certificates is the incus command's work, and errors say so.
package connect
