package main

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/icc-project/icc/plugins/image/record"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func settings() sdk.Settings {
	return sdk.Settings{
		Architectures: []string{"x86_64", "i686"}, APIExtensions: []string{"instance_oci"}, ComposeProject: "shop",
	}
}

func mustRead(t *testing.T, config kinds.ImageConfig) wanted {
	t.Helper()
	raw, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	w, err := read(settings(), raw)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestParseInterval(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"12h": 12 * time.Hour, "3d": 72 * time.Hour, "1w2d": 9 * day, "1h30m": 90 * time.Minute, "45s": 45 * time.Second,
		"": 0, "0h": 0, "5": 0, "h": 0, "1m1h": 0, "-1h": 0, "99999999999999w": 0,
	} {
		got, ok := parseInterval(text)
		if got != want || ok != (want > 0) {
			t.Errorf("parseInterval(%q) = %v, %v; want %v", text, got, ok, want)
		}
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"sometimes", "every_", "every_x", "Always"} {
		if _, err := parsePolicy(text); !errors.Is(err, resource.ErrConfig) || !strings.Contains(resource.Hint(err), "refresh") {
			t.Errorf("parsePolicy(%q) = %v, want ErrConfig with a hint that lists all", text, err)
		}
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	there := image{exists: true, ours: true, record: record.Alias{Pulled: now.Add(-25 * time.Hour)}}
	foreign := image{exists: true}
	built := func(policy string) kinds.ImageConfig {
		return kinds.ImageConfig{Reference: "shop-web", Build: &kinds.BuildConfig{Context: "/x"}, PullPolicy: policy}
	}
	redis := func(policy string) kinds.ImageConfig {
		return kinds.ImageConfig{Reference: "redis:8", PullPolicy: policy}
	}
	pinned := kinds.ImageConfig{
		Reference: "redis@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", PullPolicy: "always",
	}
	tests := []struct {
		name   string
		config kinds.ImageConfig
		found  image
		opts   resource.Options
		want   step
		err    error
	}{
		{"a missing image is pulled", redis(""), image{}, resource.Options{}, stepPull, nil},
		{"a present image is not asked for", redis(""), there, resource.Options{}, stepNone, nil},
		{"latest is no reason to ask again", kinds.ImageConfig{Reference: "redis"}, there, resource.Options{}, stepNone, nil},
		{"always asks", redis("always"), there, resource.Options{}, stepRefresh, nil},
		{"refresh asks like always", redis("refresh"), there, resource.Options{}, stepRefresh, nil},
		{"always leaves other people's images alone", redis("always"), foreign, resource.Options{}, stepNone, nil},
		{"never does not pull", redis("never"), image{}, resource.Options{}, stepNone, resource.ErrNotFound},
		{"never is content with what is there", redis("never"), there, resource.Options{}, stepNone, nil},
		{"the command line wins over never", redis("never"), image{}, resource.Options{Pull: resource.PullMissing}, stepPull, nil},
		{"the command line wins over always", redis("always"), there, resource.Options{Pull: resource.PullNever}, stepNone, nil},
		{"the command line can ask", redis(""), there, resource.Options{Pull: resource.PullAlways}, stepRefresh, nil},
		{"daily asks after a day", redis("daily"), there, resource.Options{}, stepRefresh, nil},
		{"weekly does not ask after a day", redis("weekly"), there, resource.Options{}, stepNone, nil},
		{"every_12h asks after a day", redis("every_12h"), there, resource.Options{}, stepRefresh, nil},
		{"a digest never changes", pinned, there, resource.Options{}, stepNone, nil},
		{"a missing build is built", built(""), image{}, resource.Options{}, stepBuild, nil},
		{"a present build is kept", built(""), there, resource.Options{}, stepNone, nil},
		{"--build builds again", built(""), there, resource.Options{Build: resource.BuildForce}, stepRebuild, nil},
		{"pull_policy build builds again", built("build"), there, resource.Options{}, stepRebuild, nil},
		{"--no-build wins over pull_policy build", built("build"), there, resource.Options{Build: resource.BuildNever}, stepNone, nil},
		{"--no-build needs the image", built(""), image{}, resource.Options{Build: resource.BuildNever}, stepNone, resource.ErrNotFound},
		{"a build does not take over somebody's image", built(""), foreign, resource.Options{Build: resource.BuildForce}, stepNone, resource.ErrConflict},
		{"localhost is not a registry", kinds.ImageConfig{Reference: "localhost/x"}, image{}, resource.Options{}, stepNone, resource.ErrNotFound},
		{"the server's own image is used", kinds.ImageConfig{Reference: "local:x"}, foreign, resource.Options{Pull: resource.PullAlways}, stepNone, nil},
		{"native images are pulled", kinds.ImageConfig{Reference: "images:debian/13"}, image{}, resource.Options{}, stepPull, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, reason, err := decide(mustRead(t, test.config), test.found, test.opts, now)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("decide = %q, %v; want %q, %v", got, err, test.want, test.err)
			}
			if got != stepNone && reason == "" {
				t.Error("no reason is given")
			}
			if err != nil && resource.Hint(err) == "" {
				t.Errorf("%v has no hint", err)
			}
		})
	}
}
