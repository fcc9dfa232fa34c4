package spec

import (
	"cmp"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	sdkincus "github.com/icc-project/icc/sdk/incus"
	"github.com/icc-project/icc/sdk/resource"
)

// Unproved returns the names of the instances whose latest change was not seen through: one replica has failed with it,
// or one that was there has not taken it. The next change does not take the place of what they were before. Copies that
// somebody has made by hand take no changes.
func Unproved(all []api.Instance) map[string]bool {
	replicas := map[string][]*api.Instance{}
	for i := range all {
		if all[i].Config[resource.KeyOneOff] != "true" && sdkincus.Original(all[i].Config, all[i].Name) {
			service := all[i].Config[resource.KeyService]
			replicas[service] = append(replicas[service], &all[i])
		}
	}
	out := map[string]bool{}
	for _, list := range replicas {
		for _, inst := range list {
			if !seenThrough(inst, list) {
				out[inst.Name] = true
			}
		}
	}
	return out
}

func seenThrough(inst *api.Instance, replicas []*api.Instance) bool {
	when, version := latestChange(inst)
	if version == "" || version == wentBack {
		return true
	}
	for _, r := range replicas {
		changed, theirs := latestChange(r)
		theirs = cmp.Or(theirs, r.Config[KeyFirst], version) // instances from before there was KeyFirst do not tell
		left := theirs != version && changed.Before(when) && r.CreatedAt.Before(when)
		if left || r.Config[KeyPreviousFailed] == version {
			return false
		}
	}
	return true
}

// latestChange reads KeyPreviousBy; the version is empty where there is none.
func latestChange(inst *api.Instance) (when time.Time, version string) {
	text, version, _ := strings.Cut(inst.Config[KeyPreviousBy], " ")
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return when, ""
	}
	return when, version
}

func changedBy(now time.Time, version string) string {
	return now.UTC().Format(time.RFC3339) + " " + version
}

// RememberStill notes in the wanted instance what the present one was before, because what it is has not proved itself.
// Where that is what is wanted again, there is nothing to go back to.
func (i *Instance) RememberStill(have *api.Instance, now time.Time) error {
	before, err := unpack(have.Config[KeyPrevious])
	if err != nil {
		return i.Remember(have, now) // somebody has changed the key
	}
	if before.Config[resource.KeyHash] == i.Hash {
		i.goneBack(now)
		return nil
	}
	i.KeepPrevious(have)
	i.Config[KeyPreviousBy], i.Config[KeyPreviousFailed] = changedBy(now, i.Version), ""
	return nil
}

// goneBack notes that there is nothing before what the instance is. The server drops empty values.
func (i *Instance) goneBack(now time.Time) {
	i.Config[KeyPrevious], i.Config[KeyPreviousImage], i.Config[KeyPreviousFailed] = "", "", ""
	i.Config[KeyPreviousBy] = changedBy(now, wentBack)
}

// Verdict returns what has to be written so that the instance tells whether it works since its latest change; nil when it
// does already, or when nothing is known of what it was before.
func Verdict(inst *api.Instance, works bool) map[string]string {
	failed := ""
	if _, version := latestChange(inst); !works && version != wentBack && inst.Config[KeyPrevious] != "" {
		failed = version
	}
	if inst.Config[KeyPreviousFailed] == failed {
		return nil
	}
	return map[string]string{KeyPreviousFailed: failed}
}
