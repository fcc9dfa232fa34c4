package kinds

// VolumeConfig declares a storage volume. Name in the declaration is the key in the compose file.
type VolumeConfig struct {
	Project string `json:"project"` // Compose project
	// Name is Compose's volumes.*.name, empty for the default.
	Name string `json:"name,omitempty"`
	// External volumes must exist and are never changed or deleted.
	External bool `json:"external,omitempty"`
	// Pool is the storage pool; empty means the settings' one.
	Pool   string            `json:"pool,omitempty"`
	Labels map[string]string `json:"labels,omitempty"`
	// Incus is raw configuration (size, snapshots.*, zfs.*).
	Incus map[string]string `json:"incus,omitempty"`
	// Seed is a local directory whose content the volume gets when it is created.
	Seed string `json:"seed,omitempty"`
	// Files makes it a volume of icc's own that holds exactly these files; it is removed by a plain `down`.
	Files []VolumeFile `json:"files,omitempty"`
	// Ephemeral volumes go with `down` even without --volumes.
	Ephemeral bool `json:"ephemeral,omitempty"`
}

// KeyVolumeEphemeral is the configuration key that is "true" on volumes that go with a plain `down`.
const KeyVolumeEphemeral = "user.icc.ephemeral"

// VolumeFile is one file of a volume: a secret or a config of a service.
type VolumeFile struct {
	// Path inside the volume, without a leading slash.
	Path string `json:"path"`
	// Content is the file's bytes; they are never logged.
	Content []byte `json:"content"`
	UID     int64  `json:"uid"`
	GID     int64  `json:"gid"`
	Mode    int    `json:"mode"` // permission bits, for example 0o444
	// Sensitive content is never shown in plans.
	Sensitive bool `json:"sensitive,omitempty"`
}

// VolumeOutputs is what a volume puts out.
type VolumeOutputs struct {
	Pool      string `json:"pool"`
	IncusName string `json:"incus_name"`
	// Ephemeral and External say what `down` may do with it.
	Ephemeral bool `json:"ephemeral,omitempty"`
	External  bool `json:"external,omitempty"`
	// Copied says that it has been mounted once by an instance that gives a volume its first content: nothing of an image's
	// is copied into it any more.
	Copied bool `json:"copied,omitempty"`
	// UsedBy counts the objects that use it.
	UsedBy int `json:"used_by,omitempty"`
}
