// Command icc-plugin-builder-podman builds images with podman.
//
// It runs `podman build` in Docker's format, because OCI's loses HEALTHCHECK, and saves the result as a Docker archive,
// the only one that keeps podman's configuration as it is. The image's id is the digest of that configuration, so a
// build that podman's cache answers completely has the digest of the build before.
//
// Podman runs in a process group of its own. When a build is cancelled or fails, the group ends, and the working
// containers and temporary files that podman leaves behind are removed; layers stay in podman's cache.
//
// The plugin knows nothing of Incus, chooses no names, and refuses attributes that podman cannot honour instead of
// dropping them.
package main
