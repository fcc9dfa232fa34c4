package provider

import (
	"fmt"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// portRequest asks where a port of the instance is published.
type portRequest struct {
	Target   int    `json:"target"`
	Protocol string `json:"protocol,omitempty"` // "tcp" unless set
}

// publishedPort finds the port in what the plan saw of the instance.
func publishedPort(s resource.State, ask portRequest) (kinds.Port, error) {
	if ask.Protocol == "" {
		ask.Protocol = "tcp"
	}
	for _, port := range stateOutputs(s).Ports {
		offset := ask.Target - port.Target
		if port.Protocol != ask.Protocol || offset < 0 || offset >= max(1, port.Count) {
			continue
		}
		return kinds.Port{Protocol: port.Protocol, HostIP: port.HostIP, Published: port.Published + offset,
			Target: ask.Target, Count: 1, NAT: port.NAT}, nil
	}
	return kinds.Port{}, resource.ErrNotFound.WithText(fmt.Sprintf("no port %d/%s is published", ask.Target, ask.Protocol)).
		WithHint("publish it with `ports` in the compose file")
}
