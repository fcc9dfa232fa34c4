// Package flatten turns the layers of an image into the one tar of its root file system, as an unpacker would leave it
// on disk: whiteouts applied, ownership and extended attributes kept, every hard link complete.
//
// It reads each layer twice and holds names only, never contents, so an image of any size costs little memory. It does
// so itself because go-containerregistry's mutate.Extract loses hard links whose first name a later layer removed, and
// symbolic links that point above the root.
package flatten
