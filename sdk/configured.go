package sdk

import (
	"context"
	"sync/atomic"
)

// Configured keeps the Settings for the Provider that embeds it: it is the provider's Configure, and is safe for
// concurrent use. Its zero value is ready.
type Configured struct {
	settings atomic.Pointer[Settings]
}

// Configure implements Provider. Calls that are on their way go on with the settings that they have read.
func (c *Configured) Configure(_ context.Context, s Settings) error {
	c.settings.Store(&s)
	return nil
}

// Settings returns what Configure was last called with; before that, the zero Settings of a plugin without a server.
func (c *Configured) Settings() Settings {
	if s := c.settings.Load(); s != nil {
		return *s
	}
	return Settings{}
}
