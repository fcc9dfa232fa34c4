package spec

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// What an instance was before the latest change that interrupted it.
const (
	// KeyPrevious has its form, compressed. Like the instance's own configuration, it holds what the service is told.
	KeyPrevious = kinds.KeyInstancePrevious
	// KeyPreviousImage has the fingerprint of its image, which has to stay on the server.
	KeyPreviousImage = "user.icc.previous.image"
	// KeyPreviousBy says when the change was made and to which version of the service: replicas that it has not reached
	// do not go back with the others.
	KeyPreviousBy = "user.icc.previous.by"
	// KeyPreviousFailed is that version, once the instance has failed with it.
	KeyPreviousFailed = "user.icc.previous.failed"
	// KeyFirst is the version of the service that the instance was made for.
	KeyFirst = "user.icc.first"
	// keyBaseImage is where Incus keeps the fingerprint of the image that an instance was made from.
	keyBaseImage = "volatile.base_image"
)

// ErrNoPrevious says that nothing is known of what an instance was before.
var ErrNoPrevious = errors.New("no earlier configuration is recorded")

// PreviousKeys are the keys that hold what an instance was.
func PreviousKeys() []string {
	return []string{KeyPrevious, KeyPreviousImage, KeyPreviousBy, KeyPreviousFailed}
}

// version is the same for all replicas of a service that are made from the same image and configuration.
func (t *translation) version() string {
	c := t.Config
	c.Number, c.ContainerName, c.Ports, c.Mounts, c.Networks = 0, "", nil, nil, nil
	raw, _ := json.Marshal(c) // it came as JSON
	sum := sha256.Sum256(append(raw, t.out.Fingerprint+t.Image.Digest...))
	return hex.EncodeToString(sum[:8])
}

// wentBack is the version in KeyPreviousBy of an instance that has gone back. As the latest one of a service, it says that
// the others do not go further back than this one.
const wentBack = "back"

// previous is what KeyPrevious holds.
type previous struct {
	Fingerprint string            `json:"fingerprint"`
	Profiles    []string          `json:"profiles,omitempty"`
	Config      map[string]string `json:"config"`
	Devices     Devices           `json:"devices"`
}

// Remember notes in the wanted instance what the present one is, unless it is nothing to go back to: half made, or the
// same.
func (i *Instance) Remember(have *api.Instance, now time.Time) error {
	switch have.Config[resource.KeyHash] {
	case "", i.Hash:
		return nil
	}
	keys, devices := Owned(have.Config)
	p := previous{
		Fingerprint: have.Config[keyBaseImage], Profiles: have.Profiles, Config: maps.Clone(have.Config), Devices: Devices{},
	}
	maps.DeleteFunc(p.Config, func(key, _ string) bool {
		return !keys[key] && key != resource.KeyHash && key != resource.KeyOwned && key != resource.KeyApplied
	})
	for name := range devices {
		if dev, ok := have.Devices[name]; ok {
			p.Devices[name] = dev
		}
	}
	text, err := p.pack()
	if err != nil {
		return fmt.Errorf("recording what %s is: %w", i.Name, err)
	}
	i.Config[KeyPrevious], i.Config[KeyPreviousImage] = text, p.Fingerprint
	i.Config[KeyPreviousBy] = changedBy(now, i.Version)
	i.Config[KeyPreviousFailed] = "" // the server drops empty values
	return nil
}

// KeepPrevious takes over what the present instance remembers, for one that is made anew in its place.
func (i *Instance) KeepPrevious(have *api.Instance) {
	for _, key := range PreviousKeys() {
		if _, set := i.Config[key]; !set && have.Config[key] != "" {
			i.Config[key] = have.Config[key]
		}
	}
}

// Previous returns what the instance was before the latest change that interrupted it, in the form of a wanted one that
// remembers nothing itself but that it went back. The error is ErrNoPrevious where nothing is recorded.
func Previous(have *api.Instance, runtime RuntimeVolume, now time.Time) (*Instance, error) {
	if have.Config[KeyPrevious] == "" {
		return nil, ErrNoPrevious
	}
	p, err := unpack(have.Config[KeyPrevious])
	if err != nil {
		return nil, resource.ErrInvalidFormat.WithText(fmt.Sprintf("what %s was before, in its key %s, cannot be read", have.Name, KeyPrevious)).Wrap(err).
			WithHint("somebody has changed the key; go back with the earlier compose file and `icc up`")
	}
	out := &Instance{
		Name: have.Name, Type: have.Type, Fingerprint: p.Fingerprint, Profiles: slices.Concat([]string{}, p.Profiles),
		Config: p.Config, Devices: p.Devices, Hash: p.Config[resource.KeyHash],
	}
	if Supervised(out.Config) {
		out.Runtime = &runtime
	}
	if out.Config[KeyUser] != "" {
		u := ParseUser(out.Config[KeyUser])
		out.User = &u
	}
	if have.Type == "container" {
		out.Directories = MountPoints(out.Devices)
	}
	for name := range out.Devices {
		if IsFreePort(name) {
			out.FreePorts = append(out.FreePorts, name)
		}
	}
	slices.Sort(out.FreePorts)
	out.goneBack(now)
	return out, nil
}

func (p previous) pack() (string, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	zip, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is a known one
	if _, err = zip.Write(raw); err == nil {
		err = zip.Close()
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), err
}

func unpack(text string) (p previous, err error) {
	zip, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		return p, err
	}
	const most = 16 << 20 // far more than Incus takes
	raw, err := io.ReadAll(io.LimitReader(zip, most))
	if err == nil {
		err = json.Unmarshal(raw, &p)
	}
	if err == nil && p.Config == nil {
		err = errors.New("it has no configuration")
	}
	return p, err
}
