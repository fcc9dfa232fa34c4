// Package containers is what the builders for podman and buildah have in common, which build with the same library:
// their arguments, what they print, how they fail, and what they leave behind when they are killed.
//
// Images are built in Docker's format, because OCI's loses HEALTHCHECK. Where the tool's container runtime does not
// work, as in many containers and on kernels with mixed cgroups, the build's steps run in a chroot instead.
//
// The package does not know how either tool is asked about itself, and how it writes an archive: that is what the two
// plugins are.
package containers
