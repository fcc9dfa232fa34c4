// Package execute is the applet exec: it reads the spec once more and becomes the given command as the service would,
// with the service's user, groups, environment, directory and capabilities.
//
// It replaces itself and never forks: Incus' exec has already made a process with its streams and its terminal.
package execute
