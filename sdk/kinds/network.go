package kinds

// NetworkConfig declares a network. Name in the declaration is the key in the compose file.
type NetworkConfig struct {
	Project string `json:"project"` // Compose project
	// Name is Compose's networks.*.name, empty for the default.
	Name string `json:"name,omitempty"`
	// External networks must exist and are never changed, except for the records of this project's instances.
	External bool   `json:"external,omitempty"`
	Driver   string `json:"driver,omitempty"`
	// Internal networks have no way out.
	Internal bool `json:"internal,omitempty"`
	// Isolate keeps other networks from reaching this one; on unless switched off.
	Isolate bool `json:"isolate"`
	// IPv4 and IPv6 say whether the network has addresses of that family.
	IPv4       bool              `json:"ipv4"`
	IPv6       bool              `json:"ipv6"`
	DriverOpts map[string]string `json:"driver_opts,omitempty"`
	IPAM       []IPAMPool        `json:"ipam,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"`
	// Incus is the raw configuration of x-incus.
	Incus map[string]string `json:"incus,omitempty"`
	// Attachments lists every instance on the network, so that addresses and names are known before the first start.
	Attachments []Attachment `json:"attachments,omitempty"`
}

// IPAMPool is one subnet of a network.
type IPAMPool struct {
	Subnet       string            `json:"subnet,omitempty"`
	Gateway      string            `json:"gateway,omitempty"`
	IPRange      string            `json:"ip_range,omitempty"`
	AuxAddresses map[string]string `json:"aux_addresses,omitempty"`
}

// Attachment is one instance on a network.
type Attachment struct {
	// Instance is the declared name ("web-1"), IncusName the server's ("shop-web-1").
	Instance  string `json:"instance"`
	IncusName string `json:"incus_name"`
	Service   string `json:"service"`
	// Aliases are further names of the service on this network; the service's own name is implied.
	Aliases []string `json:"aliases,omitempty"`
	// IPv4 and IPv6 are wanted addresses, empty for any.
	IPv4 string `json:"ipv4,omitempty"`
	IPv6 string `json:"ipv6,omitempty"`
	// NATPorts are the ports that the instance publishes in the kernel (Port.NAT) on this network. Isolation has to let
	// them in; ports that Incus forwards in user space need nothing.
	NATPorts []Port `json:"nat_ports,omitempty"`
	// Fleeting instances are there for a short time, such as those of `icc run`: they get an address that is free, which
	// the network does not remember, and no DNS names.
	Fleeting bool `json:"fleeting,omitempty"`
}

// NetworkOutputs is what a network puts out.
type NetworkOutputs struct {
	// IncusName is the bridge's name, at most 15 characters.
	IncusName string `json:"incus_name"`
	// IPv4 and IPv6 are the network's own address in CIDR form, for example "10.120.3.1/24"; empty when it has none.
	IPv4 string `json:"ipv4,omitempty"`
	IPv6 string `json:"ipv6,omitempty"`
	// Internal says that there is no gateway to use.
	Internal bool `json:"internal,omitempty"`
	// Managed is false for networks that Incus does not run itself.
	Managed bool `json:"managed"`
	// External networks are somebody else's.
	External bool `json:"external,omitempty"`
	// DHCP says that IPv4 addresses have to be reserved at the network's DHCP server, which has the whole subnet to give
	// away: NICs ask for theirs without a prefix length.
	DHCP bool `json:"dhcp,omitempty"`
	// NIC are options that every NIC on the network needs, for example security.port_isolation.
	NIC map[string]string `json:"nic,omitempty"`
	// Addresses are the allocated addresses by declared instance name.
	Addresses map[string]Address `json:"addresses,omitempty"`
}

// Address is what an instance got on a network, without prefix length.
type Address struct {
	IPv4 string `json:"ipv4,omitempty"`
	IPv6 string `json:"ipv6,omitempty"`
}
