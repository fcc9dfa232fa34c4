// Package address decides which instance has which address on a network: it picks a subnet that nobody uses, hands
// out addresses inside it, keeps what was handed out before, and leaves the top of every IPv4 subnet to DHCP.
//
// It is pure. It asks no server and remembers nothing: what is taken and what was handed out before comes with the call.
package address
