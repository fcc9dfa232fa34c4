// Package bundle writes the metadata half of a split Incus image: the tar of metadata.yaml and config.json that makes
// the server treat a root file system as an OCI container.
package bundle
