package kinds

import "time"

// ImageConfig declares an image. Name in the declaration is the reference as the compose file has it.
type ImageConfig struct {
	// Reference is what to fetch: "redis:8", "ghcr.io/org/app@sha256:…", "images:debian/13". For builds it is
	// the name the result gets.
	Reference string `json:"reference"`
	// Build is set when the image is built from a Containerfile.
	Build *BuildConfig `json:"build,omitempty"`
	// Push writes the image to its registries whenever it is built.
	Push bool `json:"push,omitempty"`
	// Platform is an OCI platform such as "linux/amd64"; empty means the server's own.
	Platform string `json:"platform,omitempty"`
	// PullPolicy is Compose's pull_policy: "always", "refresh", "missing", "never", "build", "daily", "weekly" or "every_<d>".
	PullPolicy string `json:"pull_policy,omitempty"`
	// Type is "container" or "virtual-machine".
	Type string `json:"type,omitempty"`
	// Services are the services that use the image, for messages.
	Services []string `json:"services,omitempty"`
}

// ImageOutputs is what an image puts out: what instances and volumes need to know of it.
type ImageOutputs struct {
	// Fingerprint is Incus' name for it; it covers the layers only.
	Fingerprint string `json:"fingerprint"`
	// Digest is the OCI manifest's digest, empty for native Incus images.
	Digest string `json:"digest,omitempty"`
	// Reference is the complete reference, with registry and tag.
	Reference string `json:"reference"`
	// Native says that it is an Incus image with an init of its own.
	Native       bool      `json:"native,omitempty"`
	Type         string    `json:"type,omitempty"`
	Architecture string    `json:"architecture,omitempty"`
	Size         int64     `json:"size,omitempty"` // bytes
	CreatedAt    time.Time `json:"created_at,omitzero"`
	// Process is the image's configuration, nil for native images.
	Process *ImageProcess `json:"process,omitempty"`
}

// ImageProcess is what an OCI image says about how to run it.
type ImageProcess struct {
	Entrypoint   []string          `json:"entrypoint,omitempty"`
	Cmd          []string          `json:"cmd,omitempty"`
	User         string            `json:"user,omitempty"`
	Env          []string          `json:"env,omitempty"` // "KEY=value"
	WorkingDir   string            `json:"working_dir,omitempty"`
	Volumes      []string          `json:"volumes,omitempty"` // sorted paths
	ExposedPorts []string          `json:"exposed_ports,omitempty"`
	StopSignal   string            `json:"stop_signal,omitempty"`
	Healthcheck  *Healthcheck      `json:"healthcheck,omitempty"`
	Labels       map[string]string `json:"labels,omitempty"`
}

// BuildConfig is Compose's build section. Paths are absolute.
type BuildConfig struct {
	// Context is a directory, an archive, or the address of either or of a git repository. ContextStdin is an archive
	// too; builders get the path of what it was.
	Context            string            `json:"context"`
	Dockerfile         string            `json:"dockerfile,omitempty"` // relative to Context, or absolute
	DockerfileInline   string            `json:"dockerfile_inline,omitempty"`
	Args               map[string]string `json:"args,omitempty"`
	Target             string            `json:"target,omitempty"`
	Labels             map[string]string `json:"labels,omitempty"`
	Tags               []string          `json:"tags,omitempty"`
	CacheFrom          []string          `json:"cache_from,omitempty"`
	CacheTo            []string          `json:"cache_to,omitempty"`
	NoCache            bool              `json:"no_cache,omitempty"`
	NoCacheFilter      []string          `json:"no_cache_filter,omitempty"`
	Pull               bool              `json:"pull,omitempty"`
	Platforms          []string          `json:"platforms,omitempty"`
	Network            string            `json:"network,omitempty"`
	ExtraHosts         []string          `json:"extra_hosts,omitempty"` // "name=address"
	AdditionalContexts map[string]string `json:"additional_contexts,omitempty"`
	Secrets            []BuildSecret     `json:"secrets,omitempty"`
	SSH                []string          `json:"ssh,omitempty"`
	ShmSize            int64             `json:"shm_size,omitempty"` // bytes
	Ulimits            map[string]string `json:"ulimits,omitempty"`  // "soft:hard"
	Privileged         bool              `json:"privileged,omitempty"`
	Entitlements       []string          `json:"entitlements,omitempty"`
	Provenance         string            `json:"provenance,omitempty"`
	SBOM               string            `json:"sbom,omitempty"`
}

// ContextStdin is the context that comes from the standard input of icc.
const ContextStdin = "-"

// BuildSecret is a secret available while building. Exactly one of File, Environment and Content is set.
type BuildSecret struct {
	ID   string `json:"id"`
	File string `json:"file,omitempty"`
	// Environment is the name of a variable. Builders run with few of the user's variables, so Content is better.
	Environment string `json:"environment,omitempty"`
	// Content is the secret itself; it is never logged.
	Content []byte `json:"content,omitempty"`
}

// BuildRequest asks a builder for an image.
type BuildRequest struct {
	// Name is the reference to give the result.
	Name  string      `json:"name"`
	Build BuildConfig `json:"build"`
	// Platform is the one to build for; empty means the host's.
	Platform string `json:"platform,omitempty"`
	// OutputDir is an empty directory for the result; it belongs to whoever asked.
	OutputDir string `json:"output_dir"`
	// Services are the services that use the image, for messages.
	Services []string `json:"services,omitempty"`
	// KnownDigest is the digest of the image that the asker has already. A builder that arrives at it again may
	// leave BuildResult.Archive empty and save the time to write it.
	KnownDigest string `json:"known_digest,omitempty"`
	// StoredDigest is the digest of an image that was built before. A builder whose store still has it hands that one
	// over and builds nothing; one that does not know the field, or the image, builds.
	StoredDigest string `json:"stored_digest,omitempty"`
	// CheckOnly asks what is wrong with the build as far as that can be told without fetching or running anything. The
	// answer is the error that the build would fail with, or an empty result. Only builders with the feature
	// sdk.FeatureBuildCheck know the field; the others would build.
	CheckOnly bool `json:"check_only,omitempty"`
}

// BuildResult is a built image.
type BuildResult struct {
	// Archive is a tar inside the request's OutputDir: an OCI archive (a tar of an OCI layout) or a Docker archive
	// (what `docker save` and `podman save` write); whoever reads it looks inside. Only Docker's form keeps a
	// HEALTHCHECK for tools that convert the configuration. It is empty when Digest is the request's KnownDigest.
	Archive string `json:"archive"`
	// Digest identifies the image: the digest of its configuration (the image id of podman and docker) or of its
	// manifest. Equal inputs give equal digests as far as the tool's cache holds.
	Digest string `json:"digest"`
	// Builder and Version say which tool built it.
	Builder string `json:"builder"`
	Version string `json:"version"`
}
