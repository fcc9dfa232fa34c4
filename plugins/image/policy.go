package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk/resource"
)

// policy is Compose's pull_policy, read.
type policy struct {
	mode resource.PullMode
	// every is how old an image may get before the registry is asked again; 0 means never.
	every time.Duration
	// build asks for a build each time.
	build bool
}

const day = 24 * time.Hour

func parsePolicy(s string) (policy, error) {
	switch s {
	case "", "missing", "if_not_present":
		return policy{mode: resource.PullMissing}, nil
	case "always", "refresh":
		return policy{mode: resource.PullAlways}, nil
	case "never":
		return policy{mode: resource.PullNever}, nil
	case "build":
		return policy{mode: resource.PullMissing, build: true}, nil
	case "daily":
		return policy{mode: resource.PullMissing, every: day}, nil
	case "weekly":
		return policy{mode: resource.PullMissing, every: 7 * day}, nil
	}
	if text, ok := strings.CutPrefix(s, "every_"); ok {
		if every, ok := parseInterval(text); ok {
			return policy{mode: resource.PullMissing, every: every}, nil
		}
	}
	return policy{}, resource.ErrConfig.
		WithText(fmt.Sprintf("%q is no pull policy", s)).
		WithHint("use always, refresh, missing, never, build, daily, weekly or every_<duration>, for example every_12h")
}

// parseInterval reads Compose's durations, which know weeks and days: "1w2d3h4m5s".
func parseInterval(s string) (time.Duration, bool) {
	parts := regexp.MustCompile(`^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$`).FindStringSubmatch(s)
	if parts == nil || s == "" {
		return 0, false
	}
	var total time.Duration
	for i, unit := range []time.Duration{7 * day, day, time.Hour, time.Minute, time.Second} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(parts[i+1], 10, 32)
		if err != nil {
			return 0, false
		}
		total += time.Duration(n) * unit
	}
	return total, total > 0
}

// patient says that an image which is there is good enough when its source cannot be asked: nobody asked for a newer one
// just now, its time was only up.
func (p policy) patient(opts resource.Options) bool { return p.every > 0 && opts.Pull == "" }

// step is what has to be done for an image.
type step string

const (
	stepNone    step = ""
	stepPull    step = "pull"    // it is missing
	stepRefresh step = "refresh" // it is there, but its source has to be asked
	stepBuild   step = "build"   // it is missing
	stepRebuild step = "rebuild" // it is there, but has to be built again
)

// decide says what has to be done for an image, and why; or why it cannot be had.
func decide(w wanted, found image, opts resource.Options, now time.Time) (step, string, error) {
	switch {
	case w.config.Build != nil:
		return decideBuild(w, found, opts)
	case w.ref.Source == reference.Local && !found.exists:
		return stepNone, "", absent(w)
	case w.ref.Source == reference.Local:
		return stepNone, "", nil
	}
	mode := w.policy.mode
	if opts.Pull != "" {
		mode = opts.Pull
	}
	switch {
	case !found.exists && mode == resource.PullNever:
		return stepNone, "", resource.ErrNotFound.
			WithText(fmt.Sprintf("image %s is not on the server, and pulling it is switched off", w.alias)).
			WithHint("fetch it once with `icc pull`, or change pull_policy")
	case !found.exists:
		return stepPull, "not on the server yet", nil
	case w.ref.Digest != "" || mode == resource.PullNever || !found.ours:
		return stepNone, "", nil
	case mode == resource.PullAlways:
		return stepRefresh, "its source is asked for a newer one", nil
	case w.policy.patient(opts) && now.Sub(found.record.Pulled) >= w.policy.every:
		return stepRefresh, fmt.Sprintf("its source was last asked %s ago", now.Sub(found.record.Pulled).Truncate(time.Second)), nil
	}
	return stepNone, "", nil
}

func decideBuild(w wanted, found image, opts resource.Options) (step, string, error) {
	again := opts.Build == resource.BuildForce || w.policy.build && opts.Build != resource.BuildNever
	switch {
	case !found.exists && opts.Build == resource.BuildNever:
		return stepNone, "", resource.ErrNotFound.
			WithText(fmt.Sprintf("image %s is not on the server, and building it is switched off", w.config.Reference)).
			WithHint("build it with `icc build`")
	case !found.exists:
		return stepBuild, "not built yet", nil
	case !found.ours && again:
		return stepNone, "", resource.ErrConflict.
			WithText(fmt.Sprintf("somebody else made the image %s on the server", w.alias)).
			WithHint("give the service another `image`")
	case again:
		return stepRebuild, "a build was asked for", nil
	}
	return stepNone, "", nil
}

func absent(w wanted) error {
	return resource.ErrNotFound.
		WithText(fmt.Sprintf("the server has no image %s", w.alias)).
		WithHint("names at localhost and of local: are never pulled; add a `build` section, or import the image with `incus image import`")
}
