// Package resolver is the DNS server that icc-init runs on the container's loopback: it passes each question on to the
// servers of the container's networks, and asks again where a C library would give up.
//
// Incus starts a network's DNS server anew with every change of its records. For about a tenth of a second it refuses
// questions (an ICMP message, of which Linux sends six and then one a second, so that most questions of a busy client just
// get lost); glibc and Go take one refused question for an answer. Here it is asked again until somebody answers or
// patience ends. The order of the servers means what it means in resolv.conf: one that answers REFUSED, SERVFAIL or NOTIMP
// is followed by the next; every other answer counts.
//
// It keeps no answers, looks into no names, takes questions of this container only, and has no part of package net, which
// would be too large for icc-init.
package resolver
