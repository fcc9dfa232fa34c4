// Command icc-plugin-network manages the networks of a Compose project: a managed bridge each, closed to every other
// network, with addresses and DNS records written before the first instance starts.
//
// What it knows about a network is on the network itself: marks, the address of every attached instance
// (user.icc.address.<instance>), and the project's block of DNS records in raw.dnsmasq. From that and the declaration,
// builder.go computes what the network has to look like; Plan compares, Run writes the difference in one request.
//
// Bridges belong to Incus' project default whatever project one asks in, because their names are host interfaces. It
// therefore never trusts a name alone: a network without this project's marks is never changed, except for the
// project's own records on networks that are declared external. It configures no instance; the instance plugin makes
// NICs of what a network puts out.
package main
