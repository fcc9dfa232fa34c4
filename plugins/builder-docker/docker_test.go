package main

import "testing"

func TestTheWayToBuildFollowsTheCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		client string
		plugin bool
		want   way
	}{
		{"28.2.2", true, buildx}, {"20.10.24+dfsg1", true, buildx}, {"28.2.2", false, classic}, {"23.0.0-rc.1", false, classic},
		{"20.10.24+dfsg1", false, embedded}, {"22.06.0", false, embedded},
	} {
		if got := choose(test.client, test.plugin); got != test.want {
			t.Errorf("docker %s, buildx %v: the way is %d, want %d", test.client, test.plugin, got, test.want)
		}
	}
}

func TestTheDriverOfBuildxIsFound(t *testing.T) {
	t.Parallel()
	const says = "Name:          default\nDriver:        docker\nLast Activity: 2026-11-22 22:00:00 +0000 UTC\n\nNodes:\nName:             default\n"
	if !hasDriver(says, "docker") || hasDriver(says, "docker-container") || hasDriver("ERROR: Driver docker", "docker") {
		t.Error("the driver is not found")
	}
}
