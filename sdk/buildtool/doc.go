// Package buildtool is what builder plugins that drive a tool of the host have in common. The author of one says what
// is special about the tool, as a Tool and an Engine, and serves what New makes of it:
//
//	func main() { serve.Main(buildtool.New(tool())) }
//
// The package refuses what the tool cannot do by the names of builder and attribute, finds what is missing before
// anything runs, hands over secrets as files that only the user can read, passes on what the tool prints while it
// prints it, and says at which step a build failed. The tool runs in a process group of its own, with its temporary
// files in a directory that goes with the build: when a build is cancelled or fails, nothing of it is left.
//
// It knows no tool by name, chooses no names for images, and never talks to a registry or an Incus server itself.
// Package containers below it is what podman and buildah have in common.
package buildtool
