// Package dnsmasq writes and reads the DNS records of instances in an Incus network's raw.dnsmasq.
//
// Several Compose projects and people may share that one text, so each project has a block of its own between two
// comment lines and nothing outside of it is ever touched. The package is pure text: it asks no server.
package dnsmasq
