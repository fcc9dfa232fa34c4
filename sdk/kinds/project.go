package kinds

// ProjectConfig declares the Incus project of a Compose project. Name in the declaration is the Compose project's.
type ProjectConfig struct {
	// IncusProject is the Incus project to work in.
	IncusProject string `json:"incus_project"`
	// External means that it exists already and is neither changed nor deleted.
	External bool `json:"external,omitempty"`
	// Config is the Incus configuration of top-level x-incus (limits.*, restricted.*), set on creation and kept in sync.
	Config map[string]string `json:"config,omitempty"`
	// Files and WorkingDir say where the project was declared, for `icc ls`.
	Files      []string `json:"files,omitempty"`
	WorkingDir string   `json:"working_dir,omitempty"`
}

// ProjectOutputs is what the project plugin puts out.
type ProjectOutputs struct {
	IncusProject string `json:"incus_project"`
	// Owned says that icc created the Incus project for this Compose project.
	Owned bool `json:"owned,omitempty"`
	// Files and WorkingDir say where the project was declared.
	Files      []string `json:"files,omitempty"`
	WorkingDir string   `json:"working_dir,omitempty"`
	// Instances counts the project's instances by status when all projects are listed (`icc ls`).
	Instances map[string]int `json:"instances,omitempty"`
}

// ProfileConfig declares a profile of the Incus project.
type ProfileConfig struct {
	// SourceProject and SourceProfile name a profile to copy; empty means none.
	SourceProject string `json:"source_project,omitempty"`
	SourceProfile string `json:"source_profile,omitempty"`
	// NetworkOnly copies only the NICs of the source.
	NetworkOnly bool                         `json:"network_only,omitempty"`
	Config      map[string]string            `json:"config,omitempty"`
	Devices     map[string]map[string]string `json:"devices,omitempty"`
}

// ProfileOutputs is what a profile puts out.
type ProfileOutputs struct {
	Name string `json:"name"`
	// Devices are the names of the profile's devices.
	Devices []string `json:"devices,omitempty"`
}
