package registry_test

import (
	"time"

	"github.com/icc-project/icc/sdk/kinds"
)

// processWanted is the configuration of TestProcess, read.
func processWanted() *kinds.ImageProcess {
	return &kinds.ImageProcess{
		Entrypoint: []string{"/e", "a b"}, Cmd: []string{"c"}, User: "u:g", Env: []string{"A=1"}, WorkingDir: "/w",
		Volumes: []string{"/data", "/z"}, ExposedPorts: []string{"80/tcp"}, StopSignal: "SIGQUIT",
		Labels: map[string]string{"l": "1"},
		Healthcheck: &kinds.Healthcheck{
			Test: []string{"CMD-SHELL", "true"}, Interval: 5 * time.Second, StartInterval: time.Second, Retries: 3,
		},
	}
}
