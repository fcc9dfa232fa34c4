// Package userconfig reads what a user has set for all projects, from $XDG_CONFIG_HOME/icc/config.yaml (usually
// ~/.config/icc/config.yaml):
//
//	builders:
//	  default: podman
//	  hosts:
//	    buildbox: buildah
//
// A key that icc does not know is an error that names its line: a setting that is ignored in silence looks like a fault
// of what it was to set. Nobody needs the file.
//
// The package decides nothing. What counts more, a flag or this file, is for those who read it.
package userconfig
