// Package archive opens the images that builders leave behind: Docker archives (`podman save`, `docker save`) and OCI
// archives (a tar of an OCI layout). It looks inside to tell them apart.
package archive
