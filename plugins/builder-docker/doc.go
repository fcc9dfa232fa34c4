// Command icc-plugin-builder-docker builds images with docker, on whatever engine the docker command talks to.
//
// With buildx it builds by BuildKit. Without, which is how some distributions ship docker, it uses the classic builder,
// or the BuildKit that the command had built in before version 23; both can do less, and what they cannot do is refused
// with that reason. The result stays in the engine under its name, for the next build, and is saved as an archive.
//
// BuildKit and the classic builder end a build when the docker command ends, with what it has started.
//
// The plugin knows nothing of Incus, chooses no names, and starts no engine.
package main
