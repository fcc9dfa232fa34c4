package main

import "testing"

func TestARollbackConcernsTheReplicasOfTheLatestChange(t *testing.T) {
	t.Parallel()
	at := func(service, by string) instance {
		var i instance
		i.Service, i.PreviousBy = service, by
		return i
	}
	list := []instance{
		at("web", "2030-01-01T10:00:00Z old"), at("web", "2030-01-01T11:00:00Z new"), at("web", "2030-01-01T11:05:00Z new"),
		at("web", ""), at("db", "2030-01-02T00:00:00Z other"),
	}
	for service, want := range map[string]string{"web": "new", "db": "other", "none": ""} {
		if got := latestOf(list, service); got != want {
			t.Errorf("the latest version of %s is %q, want %q", service, got, want)
		}
	}
}
