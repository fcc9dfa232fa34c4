package sdk

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// Description says what a plugin is and can do. It depends on the binary alone.
type Description struct {
	// Name is the plugin's name: "network" for the binary icc-plugin-network.
	Name    string `json:"name"`
	Version string `json:"version"`
	// Summary is one sentence for people.
	Summary string `json:"summary"`
	Kinds   []Kind `json:"kinds,omitempty"`
	// Builder is set when the plugin builds images.
	Builder *BuilderInfo `json:"builder,omitempty"`
	// Features are additions to the protocol that the plugin knows, such as FeatureBuildCheck.
	Features []string `json:"features,omitempty"`
}

// FeatureBuildCheck says that a builder knows kinds.BuildRequest.CheckOnly.
const FeatureBuildCheck = "build-check"

// Kind describes one resource kind of a plugin.
type Kind struct {
	Kind     resource.Kind     `json:"kind"`
	Priority int               `json:"priority"`
	Actions  []resource.Action `json:"actions"`
	// ConfigSchema and OutputsSchema are JSON Schema (2020-12) documents.
	ConfigSchema  json.RawMessage `json:"config_schema,omitempty"`
	OutputsSchema json.RawMessage `json:"outputs_schema,omitempty"`
	Sessions      []string        `json:"sessions,omitempty"`
	Calls         []string        `json:"calls,omitempty"`
	// NeedsIncus says that the plugin wants the Incus socket.
	NeedsIncus bool `json:"needs_incus,omitempty"`
}

// CheckKind returns resource.ErrUnknownResource for a kind that is none of the known ones.
func CheckKind(kind resource.Kind, known ...resource.Kind) error {
	if slices.Contains(known, kind) {
		return nil
	}
	return resource.ErrUnknownResource.WithText(fmt.Sprintf("the plugin knows no kind %q", kind))
}

// BuilderInfo describes an image builder.
type BuilderInfo struct {
	// Tool is the program it drives, for example "podman".
	Tool string `json:"tool"`
}

// Settings is what the host tells a plugin once after starting it.
type Settings struct {
	// IncusSocket is the unix socket to dial: the server's own, or the host's proxy to a remote one.
	// It is empty for builders and when there is no server.
	IncusSocket  string
	IncusProject string
	// ProjectOwned says that the Incus project belongs to this Compose project alone.
	ProjectOwned   bool
	ComposeProject string
	// StoragePool is where volumes and root disks go.
	StoragePool string
	// Remotes are the image sources of the user's Incus client configuration, by name.
	Remotes map[string]ImageRemote
	// Remote says that the server is another machine, so host paths mean nothing to it.
	Remote bool
	// APIExtensions, Architectures and ServerVersion are the server's, so that no plugin has to ask again.
	APIExtensions []string
	Architectures []string
	ServerVersion string
	// CacheDir is a directory the plugin may write to; it survives runs.
	CacheDir string
	// Run names the run of icc that the plugin works for; no two runs have the same one.
	Run string
}

// ImageRemote is an image source.
type ImageRemote struct {
	Address string
	// Protocol is "oci", "simplestreams" or "incus".
	Protocol string
	// Certificate is the server's PEM certificate when it is not in the system's trust store.
	Certificate string
}
