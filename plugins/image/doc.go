// Command icc-plugin-image manages images: it has the server pull what a registry or an image server offers, imports
// what a builder built, keeps ENTRYPOINT, CMD, USER and the rest of an image's configuration by the manifest's digest,
// and removes what nobody uses any more.
//
// Incus names an image by its layers, so one image may stand for several references. An alias carries what belongs to a
// reference and a property what belongs to a digest; package record says how. Images are shared between Compose
// projects wherever Incus allows it: only built ones belong to a project.
//
// The plugin builds nothing itself: it asks for a build and imports the answer. It never touches images and aliases
// that it did not make.
package main
