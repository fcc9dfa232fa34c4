package provider

import (
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// portRequest asks where a port of the instance is published.
type portRequest struct {
	Target   int    `json:"target"`
	Protocol string `json:"protocol,omitempty"` // "tcp" unless set
}

func publishedPort(req sdk.CallRequest) (json.RawMessage, error) {
	var ask portRequest
	if err := json.Unmarshal(req.Request, &ask); err != nil {
		return nil, resource.ErrInvalidFormat.Wrap(err)
	}
	if ask.Protocol == "" {
		ask.Protocol = "tcp"
	}
	for _, port := range stateOutputs(req.State).Ports {
		offset := ask.Target - port.Target
		if port.Protocol != ask.Protocol || offset < 0 || offset >= max(1, port.Count) {
			continue
		}
		return json.Marshal(kinds.Port{Protocol: port.Protocol, HostIP: port.HostIP, Published: port.Published + offset,
			Target: ask.Target, Count: 1, NAT: port.NAT})
	}
	return nil, resource.ErrNotFound.WithText(fmt.Sprintf("no port %d/%s is published", ask.Target, ask.Protocol)).
		WithHint("publish it with `ports` in the compose file")
}
