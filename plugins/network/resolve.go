package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"github.com/icc-project/icc/plugins/network/address"
	"github.com/icc-project/icc/plugins/network/dnsmasq"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Resolve implements sdk.Provider.
func (p *provider) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	var r sdk.Resolution
	configs := make([]config, len(decls))
	for i, d := range decls {
		err := sdk.CheckKind(d.Kind, resource.KindNetwork)
		if err != nil {
			return nil, err
		}
		if configs[i], err = decode(d.Ref, d.Config); err != nil {
			return nil, err
		}
		c := checker{decl: d, cfg: configs[i]}
		c.check()
		r.Diagnostics = append(r.Diagnostics, c.found...)
	}
	cross(configs)
	for i, d := range decls {
		raw, err := json.Marshal(configs[i])
		if err != nil {
			return nil, fmt.Errorf("encoding network %q: %w", d.Name, err)
		}
		r.Resolved = append(r.Resolved, resource.Resolved{
			Ref: d.Ref, IncusName: configs[i].incusName(d.Name), Priority: resource.PriorityNetwork, Actions: actions(),
			Config: raw, DependsOn: d.DependsOn, Position: d.Position,
		})
	}
	return &r, nil
}

// cross marks the networks that have an instance in common with another one.
func cross(configs []config) {
	networks := make(map[string]int)
	for _, c := range configs {
		for _, a := range c.Attachments {
			networks[a.IncusName]++
		}
	}
	for i := range configs {
		for _, a := range configs[i].Attachments {
			configs[i].Crossed = configs[i].Crossed || networks[a.IncusName] > 1
		}
	}
}

// checker looks for what is wrong with one declaration.
type checker struct {
	decl  resource.Declaration
	cfg   config
	found []resource.Diagnostic
}

func (c *checker) report(s resource.Severity, text, hint string) {
	c.found = append(c.found, resource.Diagnostic{
		Severity: s, Ref: c.decl.Ref, Position: c.decl.Position,
		Text: fmt.Sprintf("network %q: %s", c.decl.Name, text), Hint: hint,
	})
}

func (c *checker) check() {
	c.checkNames()
	if c.cfg.External {
		return
	}
	kind, known := driverType(c.cfg.Driver)
	if !known {
		c.report(resource.SeverityError, fmt.Sprintf("driver %q has no counterpart in Incus", c.cfg.Driver),
			"use bridge or macvlan, or create the network with `incus network create` and declare it `external: true`")
	}
	if kind == typeMacvlan && c.cfg.DriverOpts[optParent] == "" {
		c.report(resource.SeverityError, "a macvlan network needs a parent interface", "set `driver_opts: {parent: eth0}`")
	}
	for _, o := range sortedKeys(c.cfg.DriverOpts) {
		if !slices.Contains(knownOptions(), o) {
			c.report(resource.SeverityWarning, fmt.Sprintf("driver option %q has no counterpart and is ignored", o),
				"remove it, or set what you need with x-incus")
		}
	}
	c.checkPools()
	c.checkWanted()
}

// checkNames refuses names that would break the configuration that they are written into.
func (c *checker) checkNames() {
	bad := map[string]bool{}
	for _, a := range c.cfg.Attachments {
		for _, n := range namesOf(a) {
			if !dnsmasq.ValidName(n) && !bad[n] {
				bad[n] = true
				c.report(resource.SeverityError, fmt.Sprintf("%q of service %q cannot be a host name", n, a.Service),
					"use letters, digits, hyphens, underscores and dots only, and at most 63 characters between dots")
			}
		}
	}
}

// checkPools looks at the declared subnets: one of each family, each a network.
func (c *checker) checkPools() {
	count := map[bool]int{}
	for _, pool := range c.cfg.IPAM {
		if pool.Subnet == "" {
			continue
		}
		p, err := ipamPool(pool)
		if err != nil {
			c.report(resource.SeverityError, err.Error(), "write subnets as 10.10.0.0/24 and gateways without a length")
			continue
		}
		if p.Within.IsValid() && (p.Within.Bits() < p.Subnet.Bits() || !p.Subnet.Contains(p.Within.Addr())) {
			c.report(resource.SeverityError, fmt.Sprintf("ip_range %s is not inside the subnet %s", p.Within, p.Subnet), "choose a part of it")
		}
		if !p.Subnet.Contains(p.Gateway) {
			c.report(resource.SeverityError, fmt.Sprintf("gateway %s is not inside the subnet %s", p.Gateway, p.Subnet), "choose an address of it")
		}
		count[p.Subnet.Addr().Is4()]++
	}
	if count[true] > 1 || count[false] > 1 {
		c.report(resource.SeverityError, "Incus has one subnet of each family on a network", "keep one IPv4 and one IPv6 subnet")
	}
}

// checkWanted tries the wanted addresses in the declared subnets, so that mistakes show before anything is made.
func (c *checker) checkWanted() {
	for _, family := range []string{"ipv4", "ipv6"} {
		ipam, declared := builder{cfg: c.cfg}.ipam(family)
		reqs := c.wanted(family)
		if len(reqs) == 0 || c.cfg.Incus[family+".address"] != "" {
			continue
		}
		if !declared {
			c.report(resource.SeverityError, fmt.Sprintf("%s of %s needs a subnet that you choose", family+"_address", reqs[0].Key),
				"add `ipam: {config: [{subnet: …}]}` to the network")
			continue
		}
		p, err := ipamPool(ipam)
		if err != nil {
			continue // reported above
		}
		if _, err := address.Allocate(*p, reqs); err != nil {
			c.report(resource.SeverityError, err.Error(), resource.Hint(err))
		}
	}
}

func (c *checker) wanted(family string) []address.Request {
	var reqs []address.Request
	for _, a := range c.cfg.Attachments {
		s := a.IPv4
		if family == "ipv6" {
			s = a.IPv6
		}
		if s == "" {
			continue
		}
		addr, err := netip.ParseAddr(s)
		if err != nil || addr.Is4() != (family == "ipv4") {
			c.report(resource.SeverityError, fmt.Sprintf("%q of service %q is no %s address", s, a.Service, family), "write it without a length")
			continue
		}
		reqs = append(reqs, address.Request{Key: a.Instance, Wanted: addr})
	}
	return reqs
}
