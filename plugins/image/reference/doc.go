// Package reference reads what a compose file calls an image: "redis:8", "ghcr.io/org/app@sha256:…",
// "images:debian/13", "localhost/app". It says where the image comes from and under which alias the server keeps it.
//
// It asks nobody; whether the image exists is package registry's and the server's business.
package reference
