package main

import (
	"fmt"
	"strings"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// listProjects reports every Compose project on the server: from the marks of Incus projects, and from the marks of
// instances for those that live in somebody else's Incus project.
func (s *server) listProjects() (*sdk.PlanResult, error) {
	projects, err := s.GetProjects()
	if err != nil {
		return nil, fmt.Errorf("listing Incus projects: %w", sdkincus.MapError(err))
	}
	instances, err := s.GetInstancesAllProjects(api.InstanceTypeAny)
	if err != nil {
		return nil, fmt.Errorf("listing instances: %w", sdkincus.MapError(err))
	}
	var c census
	for _, p := range projects {
		if compose := p.Config[resource.KeyProject]; compose != "" {
			c.add(compose, projectOutputs(&p, compose))
		}
	}
	for _, i := range instances {
		if compose := i.Config[resource.KeyProject]; compose != "" && i.Config[resource.KeyOneOff] != "true" && sdkincus.Original(i.Config, i.Name) {
			c.count(compose, &i)
		}
	}
	return c.result(), nil
}

// census collects Compose projects in the order in which they turn up.
type census struct {
	names   []string
	outputs []kinds.ProjectOutputs
}

func (c *census) add(compose string, o kinds.ProjectOutputs) *kinds.ProjectOutputs {
	o.Instances = map[string]int{}
	c.names, c.outputs = append(c.names, compose), append(c.outputs, o)
	return &c.outputs[len(c.outputs)-1]
}

// count adds an instance to its Compose project in its Incus project.
func (c *census) count(compose string, i *api.Instance) {
	var o *kinds.ProjectOutputs
	for n := range c.outputs {
		if c.names[n] == compose && c.outputs[n].IncusProject == i.Project {
			o = &c.outputs[n]
		}
	}
	if o == nil {
		o = c.add(compose, kinds.ProjectOutputs{IncusProject: i.Project})
	}
	o.Instances[status(i)]++
}

func (c *census) result() *sdk.PlanResult {
	r := &sdk.PlanResult{}
	for i, name := range c.names {
		r.States = append(r.States, resource.State{
			Ref: resource.Ref{Kind: resource.KindProject, Name: name}, IncusName: c.outputs[i].IncusProject, Exists: true,
			Status: resource.StatusAvailable, Outputs: sdk.MustEncode(c.outputs[i]), External: !c.outputs[i].Owned,
		})
	}
	return r
}

// statusCreated is said of an instance that was never started.
const statusCreated = "created"

// status returns the core's word for an instance's status. Ready is running with a say of its own.
func status(i *api.Instance) string {
	switch i.StatusCode {
	case api.Running, api.Ready:
		return resource.StatusRunning
	case api.Stopped:
		if i.LastUsedAt.Unix() <= 0 {
			return statusCreated
		}
		return resource.StatusStopped
	case api.Frozen:
		return resource.StatusPaused
	}
	return strings.ToLower(i.Status)
}
