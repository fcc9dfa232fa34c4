package kinds

import "time"

// The verbs that images know beyond their actions, with the form of request and answer. They name no single image.
const (
	// CallCache lists the images that icc brought onto the server: CacheRequest, answer []CachedImage.
	CallCache = "cache"
	// CallPrune removes images that no instance uses: PruneRequest, answer []CachedImage with what is gone.
	CallPrune = "prune"
)

// ActionPush is the action of a built image that writes it to its registry.
const ActionPush = "push"

// The marks of instances that say which images they need: the one they were made from and those they can go back to.
const (
	// KeyInstanceImage holds the image's complete reference, KeyInstanceDigest the digest of its manifest.
	KeyInstanceImage  = "user.icc.image"
	KeyInstanceDigest = "user.icc.image.digest"
	// KeyInstancePrevious begins the keys that say what the instance was before; fingerprints among them are in use.
	KeyInstancePrevious = "user.icc.previous"
)

// CacheRequest is the request of CallCache.
type CacheRequest struct {
	// AllProjects looks for users in all Incus projects instead of the settings' own; without leave to do so it fails.
	AllProjects bool `json:"all_projects,omitempty"`
}

// PruneRequest is the request of CallPrune.
type PruneRequest struct {
	// Fingerprints name the images to remove, as far as they are still unused.
	Fingerprints []string `json:"fingerprints"`
	// Fresh removes fresh images, too.
	Fresh bool `json:"fresh,omitempty"`
}

// CachedImage is an image on the server.
type CachedImage struct {
	// Fingerprint is Incus' name for it; several references may stand for one image.
	Fingerprint string      `json:"fingerprint"`
	Names       []ImageName `json:"names,omitempty"`
	// Project is the Compose project that built the image, empty for pulled ones.
	Project      string      `json:"project,omitempty"`
	Architecture string      `json:"architecture"` // Incus' name
	Size         int64       `json:"size"`         // bytes
	CreatedAt    time.Time   `json:"created_at,omitzero"`
	Users        []ImageUser `json:"users,omitempty"`
	// Foreign says that the image, or a name of it, was made by somebody else, so that it is never removed.
	Foreign bool `json:"foreign,omitempty"`
	// Fresh says that the image came lately and no instance was made from it since: an `up` may be about to.
	Fresh bool `json:"fresh,omitempty"`
}

// ImageName is a reference that stands for an image.
type ImageName struct {
	Reference string    `json:"reference"`
	Digest    string    `json:"digest,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"` // of this digest's configuration
	Pulled    time.Time `json:"pulled,omitzero"`     // when its source was last asked
}

// ImageUser is an instance that was made from an image.
type ImageUser struct {
	Instance     string `json:"instance"` // its name on the server
	IncusProject string `json:"incus_project"`
	Project      string `json:"project,omitempty"` // the Compose project; empty for other people's
	Reference    string `json:"reference,omitempty"`
	Digest       string `json:"digest,omitempty"`
	// Previous says that the instance was made from the image earlier and can go back to it.
	Previous bool `json:"previous,omitempty"`
}
