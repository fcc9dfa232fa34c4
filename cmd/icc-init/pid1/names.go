package pid1

import (
	"fmt"
	"slices"

	"github.com/icc-project/icc/cmd/icc-init/prepare"
	"github.com/icc-project/icc/cmd/icc-init/resolver"
)

// names are how the container's programs resolve them: with servers to ask, through a server of icc-init's own. The others
// stay in /etc/resolv.conf behind it.
type names struct {
	server *resolver.Server // nil when there is nobody to ask, and when it could not listen
	asked  []string
}

// adopt changes the servers that are asked. It is called by one goroutine at a time. Without a server of its own the
// container resolves as it would without icc-init, so that is worth a warning only.
func (n *names) adopt(servers []string) {
	before := n.asked
	n.asked = servers
	var err error
	switch {
	case len(servers) == 0 && n.server == nil:
		return
	case len(servers) == 0:
		servers = before
		defer n.server.Close() // when nobody is sent there any more
		n.server = nil
	case n.server != nil:
		n.server.Use(servers)
	default:
		if n.server, err = resolver.Listen(servers); err != nil {
			warn(fmt.Errorf("names are resolved without asking again: %w", err))
		}
	}
	if n.server != nil {
		servers = slices.Concat([]string{resolver.Address}, servers)
	}
	if err := prepare.Nameservers(servers); err != nil {
		warn(err)
	}
}
