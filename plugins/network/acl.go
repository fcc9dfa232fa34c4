package main

import (
	"encoding/json"
	"fmt"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/network/address"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

const (
	keyACLs = "security.acls"
	// keyACLHash remembers on the network what its ACL says, so that comparing needs no look at the ACL.
	keyACLHash = "user.icc.acl"
)

// acl closes one network. It has the network's name. Its rules are the exceptions to the defaults on the network, which
// drop what comes from outside and, on an internal network, what wants to get out.
type acl struct {
	name, project, key string
	ingress, egress    []api.NetworkACLRule
}

// isolate gives the form an ACL and the keys that make the network use it.
func (b builder) isolate(f *form, want map[string]string, pools []address.Pool, given map[string]lease) {
	if !b.cfg.Isolate && !b.cfg.Internal {
		if own := b.cfg.Incus[keyACLs]; own != "" {
			want[keyACLs] = own
		}
		return
	}
	ingress, egress := "drop", "allow"
	if !b.cfg.Isolate {
		ingress = "allow"
	}
	if b.cfg.Internal {
		egress = "drop"
	}
	f.acl = &acl{name: b.name, project: b.cfg.Project, key: b.ref.Name, ingress: b.published(given)}
	if b.cfg.Internal {
		f.acl.egress = inside(pools)
	}
	want[keyACLs] = b.name
	if own := b.cfg.Incus[keyACLs]; own != "" {
		want[keyACLs] += "," + own
	}
	want[keyACLs+".default.ingress.action"] = ingress
	want[keyACLs+".default.egress.action"] = egress
}

// inside returns the egress rules of an internal network. Hosts with br_netfilter (Docker switches it on) send packets
// between neighbours on a bridge through the rules for routed ones, so those are let through by their addresses. The
// host's own address stays closed; Incus lets DNS through to it before it looks at any ACL.
func inside(pools []address.Pool) []api.NetworkACLRule {
	var out []api.NetworkACLRule
	for _, p := range pools {
		out = append(out,
			api.NetworkACLRule{Action: "drop", State: "enabled", Destination: p.Gateway.String(), Description: "the host"},
			api.NetworkACLRule{Action: "allow", State: "enabled", Destination: p.Subnet.String(), Description: "the network itself"})
	}
	return out
}

// published returns the ingress rules for ports that are published in the kernel: those packets come in like anybody's.
func (b builder) published(given map[string]lease) []api.NetworkACLRule {
	var out []api.NetworkACLRule
	for _, a := range b.cfg.Attachments {
		for _, port := range a.NATPorts {
			ports := fmt.Sprint(port.Target)
			if port.Count > 1 {
				ports = fmt.Sprintf("%d-%d", port.Target, port.Target+port.Count-1)
			}
			for _, addr := range given[a.IncusName].addrs() {
				out = append(out, api.NetworkACLRule{
					Action: "allow", State: "enabled", Protocol: port.Protocol,
					Destination: addr.String(), DestinationPort: ports, Description: "published port of " + a.IncusName,
				})
			}
		}
	}
	return out
}

func (a *acl) hash() string {
	raw, err := json.Marshal([][]api.NetworkACLRule{a.ingress, a.egress})
	if err != nil {
		panic(err) // a struct of strings always has a JSON form
	}
	return naming.Hash(string(raw))[:16]
}

func (a *acl) put() api.NetworkACLPut {
	return api.NetworkACLPut{
		Description: fmt.Sprintf("Closes network %s of Compose project %s", a.key, a.project),
		Ingress:     a.ingress,
		Egress:      a.egress,
		Config:      map[string]string{resource.KeyProject: a.project, resource.KeyName: a.key},
	}
}

// ensure makes the ACL or brings its rules up to date, and says whether it made it.
func (a *acl) ensure(s *server) (created bool, err error) {
	err = s.CreateNetworkACL(api.NetworkACLsPost{NetworkACLPost: api.NetworkACLPost{Name: a.name}, NetworkACLPut: a.put()})
	if err == nil {
		return true, nil
	}
	found, etag, lookErr := s.GetNetworkACL(a.name)
	if lookErr != nil {
		return false, fmt.Errorf("creating network ACL %q: %w", a.name, sdkincus.MapError(err))
	}
	if found.Config[resource.KeyProject] != a.project {
		return false, resource.ErrConflict.WithText(fmt.Sprintf("there is a network ACL %q that is not of this project", a.name)).
			WithHint("rename or delete it with `incus network acl`, or give the network another `name`")
	}
	if err := s.UpdateNetworkACL(a.name, a.put(), etag); err != nil {
		return false, fmt.Errorf("updating network ACL %q: %w", a.name, sdkincus.MapError(err))
	}
	return false, nil
}

// removeACL deletes the ACL of a network if it is this project's. One that is gone is fine.
func removeACL(s *server, name string) (removed bool, err error) {
	found, _, err := s.GetNetworkACL(name)
	if sdkincus.IsNotFound(err) || err == nil && !s.owns(found.Config) {
		return false, nil
	}
	if err == nil {
		err = s.DeleteNetworkACL(name)
	}
	if err != nil && !sdkincus.IsNotFound(err) {
		return false, fmt.Errorf("deleting network ACL %q: %w", name, sdkincus.MapError(err))
	}
	return err == nil, nil
}
