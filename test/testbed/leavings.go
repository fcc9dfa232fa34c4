package testbed

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
)

// settleTime is how long a process may take to end after the test: it is told to end, not waited for.
const settleTime = time.Minute

// LeavesNothing fails the test if, at its end, the server has other projects, profiles, instances, networks, ACLs,
// volumes or images than now, or its host other processes. Kinds named in except (such as "image", when the test
// lets Incus cache one) are not compared. Call it first: what the test cleans up itself is then gone before the look.
func (h Host) LeavesNothing(t testing.TB, except ...string) {
	t.Helper()
	h.leavesNothing(t, settleTime, except)
}

func (h Host) leavesNothing(t testing.TB, patience time.Duration, except []string) {
	t.Helper()

	server := h.Incus(t)
	before := h.inventory(t, server)

	t.Cleanup(func() {
		var changes []string

		for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			changes = difference(before, h.inventory(t, server), except)
			if len(changes) == 0 || time.Now().After(deadline) {
				break
			}
		}

		for _, change := range changes {
			t.Errorf("the test left the server changed: %s", change)
		}
	})
}

// inventory names all that is on the server and its host, each as "kind project/name".
func (h Host) inventory(t testing.TB, server incus.InstanceServer) map[string]bool {
	t.Helper()

	found := map[string]bool{}

	for _, list := range []func(incus.InstanceServer, map[string]bool) error{
		listProjects, listInstances, listNetworks, listVolumes, listImages, h.listProcesses,
	} {
		if err := list(server, found); err != nil {
			t.Fatalf("looking at what is on the server: %v", err)
		}
	}

	return found
}

func listProjects(server incus.InstanceServer, found map[string]bool) error {
	projects, err := server.GetProjectNames()
	if err != nil {
		return fmt.Errorf("listing projects: %w", err)
	}

	for _, project := range projects {
		found["project "+project] = true
	}

	profiles, err := server.GetProfilesAllProjects()
	if err != nil {
		return fmt.Errorf("listing profiles: %w", err)
	}

	for _, profile := range profiles {
		found["profile "+profile.Project+"/"+profile.Name] = true
	}

	return nil
}

func listInstances(server incus.InstanceServer, found map[string]bool) error {
	instances, err := server.GetInstancesAllProjects(api.InstanceTypeAny)
	if err != nil {
		return fmt.Errorf("listing instances: %w", err)
	}

	for _, instance := range instances {
		found["instance "+instance.Project+"/"+instance.Name] = true
	}

	return nil
}

func listNetworks(server incus.InstanceServer, found map[string]bool) error {
	networks, err := server.GetNetworksAllProjects()
	if err != nil {
		return fmt.Errorf("listing networks: %w", err)
	}

	for _, network := range networks {
		// A stopping instance's interface is listed as an unmanaged network for a moment.
		if network.Managed {
			found["network "+network.Project+"/"+network.Name] = true
		}
	}

	acls, err := server.GetNetworkACLsAllProjects()
	if err != nil {
		return fmt.Errorf("listing network ACLs: %w", err)
	}

	for _, acl := range acls {
		found["acl "+acl.Project+"/"+acl.Name] = true
	}

	return nil
}

func listVolumes(server incus.InstanceServer, found map[string]bool) error {
	pools, err := server.GetStoragePoolNames()
	if err != nil {
		return fmt.Errorf("listing storage pools: %w", err)
	}

	for _, pool := range pools {
		found["pool "+pool] = true

		volumes, err := server.GetStoragePoolVolumesAllProjects(pool)
		if err != nil {
			return fmt.Errorf("listing volumes of pool %q: %w", pool, err)
		}

		for _, volume := range volumes {
			// Instances' and images' volumes come and go with them.
			if volume.Type == "custom" {
				found["volume "+volume.Project+"/"+pool+"/"+volume.Name] = true
			}
		}
	}

	return nil
}

func listImages(server incus.InstanceServer, found map[string]bool) error {
	images, err := server.GetImagesAllProjects()
	if err != nil {
		return fmt.Errorf("listing images: %w", err)
	}

	for _, image := range images {
		found["image "+image.Project+"/"+image.Fingerprint] = true
	}

	return nil
}

// listProcesses names the processes that tests started on the host: those in the server's network namespace that
// are not the server's, which has a process namespace of its own.
func (h Host) listProcesses(_ incus.InstanceServer, found map[string]bool) error {
	network, err := os.Stat("/run/netns/" + h.Netns)
	if err != nil {
		return fmt.Errorf("looking at the network namespace: %w", err)
	}

	own, err := os.Stat("/proc/self/ns/pid")
	if err != nil {
		return fmt.Errorf("looking at the process namespace: %w", err)
	}

	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return fmt.Errorf("listing processes: %w", err)
	}

	for _, folder := range folders {
		// A process that ended meanwhile is none; so is the test itself when bed exec runs it.
		if filepath.Base(folder) != fmt.Sprint(os.Getpid()) && sameFile(folder+"/ns/net", network) && sameFile(folder+"/ns/pid", own) {
			line, _ := os.ReadFile(folder + "/cmdline")
			found["process "+filepath.Base(folder)+" "+strings.ReplaceAll(strings.Trim(string(line), "\x00"), "\x00", " ")] = true
		}
	}

	return nil
}

func sameFile(path string, other os.FileInfo) bool {
	info, err := os.Stat(path)

	return err == nil && os.SameFile(info, other)
}

// difference says what appeared and what is gone, leaving out the kinds in except.
func difference(before, after map[string]bool, except []string) []string {
	var changes []string

	for name := range after {
		if !before[name] {
			changes = append(changes, name+" is new")
		}
	}

	for name := range before {
		if !after[name] {
			changes = append(changes, name+" is gone")
		}
	}

	changes = slices.DeleteFunc(changes, func(change string) bool {
		kind, _, _ := strings.Cut(change, " ")

		// A process that ended left nothing.
		return slices.Contains(except, kind) || (kind == "process" && strings.HasSuffix(change, " is gone"))
	})
	slices.Sort(changes)

	return changes
}
