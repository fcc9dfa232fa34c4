// Command icc-plugin-builder-buildah builds images with buildah.
//
// It runs `buildah build` with layers, which buildah alone would not keep, so that an unchanged build has the digest of
// the build before, and writes the result as a Docker archive. Everything else is as with podman.
//
// The plugin knows nothing of Incus, chooses no names, and refuses attributes that buildah cannot honour instead of
// dropping them.
package main
