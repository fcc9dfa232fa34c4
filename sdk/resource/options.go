package resource

import "time"

// PullMode says when an image is fetched from where it comes from.
type PullMode string

// The pull modes; empty means PullMissing.
const (
	PullMissing PullMode = "missing"
	PullAlways  PullMode = "always"
	PullNever   PullMode = "never"
)

// BuildMode says when an image with a build section is built.
type BuildMode string

// The build modes; empty means BuildAuto.
const (
	BuildAuto  BuildMode = "auto"  // only when the image is missing
	BuildForce BuildMode = "force" // always; an unchanged result changes nothing
	BuildNever BuildMode = "never" // a missing image is an error
)

// Options are the arguments of a plan or an action. The zero value observes and changes nothing.
type Options struct {
	// Create allows ActionEnsure to create what does not exist.
	Create bool
	// Force stops or deletes even what is in use.
	Force bool
	// Timeout bounds the action; 0 means the kind's default. For ActionStop it is the grace period.
	Timeout time.Duration
	// DependencyTimeout bounds the wait for dependencies; 0 means Timeout.
	DependencyTimeout time.Duration
	// Follow keeps ActionLog streaming until its context ends.
	Follow bool
	// Tail is the number of log lines to begin with; negative means all.
	Tail int
	// Timestamps puts the time before each log line where it is known.
	Timestamps bool
	// Since and Until bound the log; RFC 3339 or a duration like "10m". Empty means unbounded.
	Since, Until string
	// Signal is sent instead of the stop signal; empty means the resource's own.
	Signal string
	Pull   PullMode
	Build  BuildMode
	// NoHealthd says that no health daemon watches this project.
	NoHealthd bool
	// RevertDrift undoes what others have changed on what icc wrote, even where the declaration is the same as before.
	RevertDrift bool
	// KeepRunning interrupts nothing: what cannot be applied while the resource runs waits for its next start.
	KeepRunning bool
}

// Option sets one field of Options.
type Option func(*Options)

// NewOptions returns the options that opts describe.
func NewOptions(opts ...Option) Options {
	o := Options{Tail: -1}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// OptionCreate allows creating what does not exist.
func OptionCreate() Option { return func(o *Options) { o.Create = true } }

// OptionForce stops or deletes even what is in use.
func OptionForce() Option { return func(o *Options) { o.Force = true } }

// OptionTimeout bounds the action.
func OptionTimeout(t time.Duration) Option { return func(o *Options) { o.Timeout = t } }

// OptionDependencyTimeout bounds the wait for dependencies.
func OptionDependencyTimeout(t time.Duration) Option {
	return func(o *Options) { o.DependencyTimeout = t }
}

// OptionFollow keeps a log streaming.
func OptionFollow() Option { return func(o *Options) { o.Follow = true } }

// OptionPull sets when images are fetched.
func OptionPull(m PullMode) Option { return func(o *Options) { o.Pull = m } }

// OptionBuild sets when images are built.
func OptionBuild(m BuildMode) Option { return func(o *Options) { o.Build = m } }

// OptionNoHealthd says that no health daemon watches the project.
func OptionNoHealthd() Option { return func(o *Options) { o.NoHealthd = true } }
