package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// Bookkeeping says whether a key is about icc's own accounts rather than about what the service is to be.
func Bookkeeping(key string) bool {
	return key == resource.KeyHash || key == resource.KeyVersion || key == resource.KeyOwned || key == resource.KeyApplied ||
		key == resource.KeyPending || key == KeyPendingRun || key == KeyPrevious || key == KeyPreviousImage ||
		key == KeyPreviousBy || key == KeyPreviousFailed || key == KeyFirst
}

// seal writes the hash and the list of what is icc's. It comes last.
func (t *translation) seal() {
	o := t.out
	o.Hash, o.Version = o.hash(), t.version()
	o.Config[resource.KeyHash] = o.Hash
	o.Config[resource.KeyOwned] = o.owned()
}

// hash covers everything that a change of would have to be applied.
func (i *Instance) hash() string {
	config := maps.Clone(i.Config)
	maps.DeleteFunc(config, func(key, _ string) bool { return Bookkeeping(key) })
	raw, _ := json.Marshal(struct { // strings and maps of strings always encode
		Type, Fingerprint string
		Profiles          []string
		Config            map[string]string
		Devices           Devices
	}{i.Type, i.Fingerprint, i.Profiles, config, i.Devices})
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// deviceMark tells devices from keys in the list of owned things; no key begins with it.
const deviceMark = "@"

// owned lists all keys and devices that icc generated, so that a later run can tell what a person added by hand.
func (i *Instance) owned() string {
	names := slices.Collect(maps.Keys(i.Config))
	for name := range i.Devices {
		names = append(names, deviceMark+name)
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// Owned reads the list back: the keys and the devices that icc generated.
func Owned(config map[string]string) (keys, devices map[string]bool) {
	keys, devices = map[string]bool{}, map[string]bool{}
	for name := range strings.SplitSeq(config[resource.KeyOwned], ",") {
		if device, ok := strings.CutPrefix(name, deviceMark); ok {
			devices[device] = true
		} else if name != "" {
			keys[name] = true
		}
	}
	return keys, devices
}
