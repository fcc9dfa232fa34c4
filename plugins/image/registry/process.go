package registry

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
)

// imageConfig is the part of an image's configuration that says how to run it, in Docker's extended form.
type imageConfig struct {
	Config struct {
		Entrypoint   []string
		Cmd          []string
		User         string
		Env          []string
		WorkingDir   string
		Volumes      map[string]struct{}
		ExposedPorts map[string]struct{}
		StopSignal   string
		Labels       map[string]string
		Healthcheck  *struct {
			Test                                          []string
			Interval, Timeout, StartPeriod, StartInterval time.Duration
			Retries                                       int
		}
	} `json:"config"`
}

// Process reads how an image wants to be run from its raw configuration.
func Process(raw []byte) (*kinds.ImageProcess, error) {
	var image imageConfig
	if err := json.Unmarshal(raw, &image); err != nil {
		return nil, fmt.Errorf("reading the image's configuration: %w", err)
	}
	c := image.Config
	p := &kinds.ImageProcess{
		Entrypoint:   c.Entrypoint,
		Cmd:          c.Cmd,
		User:         c.User,
		Env:          c.Env,
		WorkingDir:   c.WorkingDir,
		Volumes:      slices.Sorted(maps.Keys(c.Volumes)),
		ExposedPorts: slices.Sorted(maps.Keys(c.ExposedPorts)),
		StopSignal:   c.StopSignal,
		Labels:       c.Labels,
	}
	if h := c.Healthcheck; h != nil && len(h.Test) > 0 {
		p.Healthcheck = &kinds.Healthcheck{
			Test: h.Test, Interval: h.Interval, Timeout: h.Timeout, StartPeriod: h.StartPeriod,
			StartInterval: h.StartInterval, Retries: h.Retries, Disable: h.Test[0] == "NONE",
		}
	}
	return p, nil
}
