package guestapi

import (
	"context"
	"encoding/json"
	"fmt"
)

// Proxies counts the published ports and ranges of ports that the server connects with the instance, which it asks once.
func (c Client) Proxies(ctx context.Context) (int, error) {
	a, err := c.exchange(ctx, "GET", "/1.0/devices", "")
	if err != nil {
		return 0, fmt.Errorf("reading the devices through the guest API: %w", err)
	}
	var devices map[string]map[string]string
	if err := json.Unmarshal(a.body, &devices); a.status != 200 || err != nil {
		return 0, fmt.Errorf("reading the devices: the guest API answers %d: %.100s", a.status, a.body)
	}
	n := 0
	for _, dev := range devices {
		if dev["type"] == "proxy" && dev["nat"] != "true" {
			n++
		}
	}
	return n, nil
}
