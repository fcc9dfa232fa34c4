package spec

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// Configuration keys of the health test, below resource.HealthKeyPrefix.
const (
	keyHealthTest          = resource.HealthKeyPrefix + "test" // JSON, as in Compose
	keyHealthInterval      = resource.HealthKeyPrefix + "interval"
	keyHealthTimeout       = resource.HealthKeyPrefix + "timeout"
	keyHealthStartPeriod   = resource.HealthKeyPrefix + "start_period"
	keyHealthStartInterval = resource.HealthKeyPrefix + "start_interval"
	keyHealthRetries       = resource.HealthKeyPrefix + "retries"
)

// HealthKey says whether a configuration key is part of the health test.
func HealthKey(key string) bool {
	return key == keyHealthTest || key == keyHealthInterval || key == keyHealthTimeout || key == keyHealthStartPeriod ||
		key == keyHealthStartInterval || key == keyHealthRetries
}

// EffectiveHealthcheck returns the service's test completed with the image's, or nil when there is none.
// A service that only changes the intervals keeps the image's test, as in Docker.
func EffectiveHealthcheck(service *kinds.Healthcheck, image *kinds.ImageProcess) *kinds.Healthcheck {
	var h kinds.Healthcheck
	if image != nil && image.Healthcheck != nil {
		h = *image.Healthcheck
	}
	if s := service; s != nil {
		if s.Disable {
			return nil
		}
		if len(s.Test) > 0 {
			h.Test = s.Test
		}
		for _, d := range []struct{ to, from *time.Duration }{
			{&h.Interval, &s.Interval}, {&h.Timeout, &s.Timeout},
			{&h.StartPeriod, &s.StartPeriod}, {&h.StartInterval, &s.StartInterval},
		} {
			if *d.from != 0 {
				*d.to = *d.from
			}
		}
		if s.Retries != 0 {
			h.Retries = s.Retries
		}
	}
	if len(h.Test) == 0 || h.Test[0] == "NONE" || h.Disable {
		return nil
	}
	return &h
}

// health writes the test where whoever watches the instance finds it. icc-init watches its own.
func (t *translation) health() error {
	if t.NoHealthd && !t.supervised() {
		t.set(resource.HealthDaemonKey, "false")
	}
	h := EffectiveHealthcheck(t.Config.Healthcheck, t.Image.Process)
	if h == nil {
		return nil
	}
	test, err := json.Marshal(h.Test)
	if err != nil {
		return fmt.Errorf("encoding the health test: %w", err)
	}
	t.set(keyHealthTest, string(test))
	for key, d := range map[string]time.Duration{
		keyHealthInterval: h.Interval, keyHealthTimeout: h.Timeout,
		keyHealthStartPeriod: h.StartPeriod, keyHealthStartInterval: h.StartInterval,
	} {
		if d > 0 {
			t.set(key, d.String())
		}
	}
	if h.Retries > 0 {
		t.set(keyHealthRetries, strconv.Itoa(h.Retries))
	}
	return nil
}

// healthOrders is the test as icc-init runs it.
func (t *translation) healthOrders() *initspec.Health {
	h := EffectiveHealthcheck(t.Config.Healthcheck, t.Image.Process)
	if h == nil {
		return nil
	}
	return &initspec.Health{Test: h.Test, Interval: h.Interval, Timeout: h.Timeout,
		StartPeriod: h.StartPeriod, StartInterval: h.StartInterval, Retries: h.Retries}
}

// Healthcheck reads the health test back from an instance's configuration; nil when there is none.
func Healthcheck(config map[string]string) *kinds.Healthcheck {
	var h kinds.Healthcheck
	if err := json.Unmarshal([]byte(config[keyHealthTest]), &h.Test); err != nil || len(h.Test) == 0 {
		return nil
	}
	duration := func(key string) time.Duration {
		d, _ := time.ParseDuration(config[key]) // a hand-written nonsense counts as not set
		return d
	}
	h.Interval, h.Timeout = duration(keyHealthInterval), duration(keyHealthTimeout)
	h.StartPeriod, h.StartInterval = duration(keyHealthStartPeriod), duration(keyHealthStartInterval)
	h.Retries, _ = strconv.Atoi(config[keyHealthRetries])
	return &h
}
