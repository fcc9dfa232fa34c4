package prepare

import (
	"fmt"
	"strings"
)

// hostGateway is Docker's word for the address of the host.
const hostGateway = "host-gateway"

// hostsFile is /etc/hosts as Docker writes it: what is there but for Incus' line of the own name, the own addresses with
// the full and the short name, and the extra hosts ("name=address"). The second result are names whose host-gateway is
// not known.
func hostsFile(old, name, domain string, extra, own []string, gateway string) (string, []string) {
	var b strings.Builder
	for line := range strings.Lines(old) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "127.0.1.1" {
			continue
		}
		b.WriteString(strings.TrimRight(line, "\n") + "\n")
	}
	if old == "" {
		b.WriteString("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n")
	}
	names := name
	if domain != "" {
		names = name + "." + domain + " " + name
	}
	if len(own) == 0 {
		own = []string{"127.0.1.1"}
	}
	for _, address := range own {
		fmt.Fprintf(&b, "%s\t%s\n", address, names)
	}
	lines, missing := extraHosts(extra, gateway)
	b.WriteString(lines)
	return b.String(), missing
}

// extraHosts are the lines of extra hosts, and the names whose host-gateway is not known.
func extraHosts(extra []string, gateway string) (lines string, missing []string) {
	var b strings.Builder
	for _, e := range extra {
		name, address, ok := strings.Cut(e, "=")
		if !ok {
			continue
		}
		if address == hostGateway {
			if address = gateway; address == "" {
				missing = append(missing, name)
				continue
			}
		}
		fmt.Fprintf(&b, "%s\t%s\n", strings.Trim(address, "[]"), name)
	}
	return b.String(), missing
}

// mostNameservers is how many C libraries read.
const mostNameservers = 3

// nameservers exchanges the servers of /etc/resolv.conf.
func nameservers(old string, servers []string) string {
	var b strings.Builder
	for _, server := range servers[:min(len(servers), mostNameservers)] {
		b.WriteString("nameserver " + server + "\n")
	}
	for line := range strings.Lines(old) {
		if f := strings.Fields(line); len(f) == 0 || f[0] != "nameserver" {
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
		}
	}
	return b.String()
}

// resolvConf adds to the options. Of options that are said twice the last counts, so ours go last.
func resolvConf(old string, options []string) string {
	var b strings.Builder
	var all []string
	for line := range strings.Lines(old) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "options" {
			all = append(all, f[1:]...)
			continue
		}
		b.WriteString(strings.TrimRight(line, "\n") + "\n")
	}
	b.WriteString("options " + strings.Join(append(all, options...), " ") + "\n")
	return b.String()
}
