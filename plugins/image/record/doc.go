// Package record keeps on the server what icc knows of an image. Incus names an image by its layers alone, so several
// references and several configurations may share one image: what belongs to a reference is in its alias' description,
// what belongs to a configuration is in a property of the image that is named by the manifest's digest.
//
// It encodes and decodes; package main writes.
package record
