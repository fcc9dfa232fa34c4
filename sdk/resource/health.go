package resource

// Health statuses of an instance, kept on the server under HealthStatusKey.
const (
	HealthUnknown   = "unknown"
	HealthStarting  = "starting"
	HealthHealthy   = "healthy"
	HealthUnhealthy = "unhealthy"
	HealthStopped   = "stopped"
)

// Configuration keys of instances that health checking uses; the names are incus-compose's.
const (
	HealthKeyPrefix  = "user.healthcheck."
	HealthStatusKey  = HealthKeyPrefix + "status"
	HealthStoppedKey = HealthKeyPrefix + "stopped" // "true" means that checking is paused on purpose
	HealthDaemonKey  = HealthKeyPrefix + "daemon"  // "true" marks the daemon that watches a project
)

// KeyPrefix begins all configuration keys that are icc's own.
const KeyPrefix = "user.icc."

// Configuration keys that icc writes on every object it makes. The server is icc's only memory.
const (
	KeyProject    = "user.icc.project"     // Compose project
	KeyName       = "user.icc.name"        // declared name, as in Ref.Name
	KeyObject     = "user.icc.object"      // name on the server that icc gave the object; copies made by hand have another one
	KeyService    = "user.icc.service"     // Compose service (instances)
	KeyNumber     = "user.icc.number"      // replica number, from 1 (instances)
	KeyOneOff     = "user.icc.oneoff"      // "true" for containers of `icc run`
	KeyOwned      = "user.icc.owned"       // sorted, comma separated: the configuration keys that icc set; others are somebody's own
	KeyApplied    = "user.icc.applied"     // short hashes of the owned values as icc wrote them last; see sdk/incus.Applied
	KeyHash       = "user.icc.hash"        // hash of the configuration the object was made from
	KeyVersion    = "user.icc.version"     // icc version that wrote the object last
	KeyFiles      = "user.icc.files"       // compose files, comma separated
	KeyWorkingDir = "user.icc.working-dir" // project directory
	KeyDependsOn  = "user.icc.depends-on"  // JSON of the edges to other instances, for `stop` without a compose file
	KeyPending    = "user.icc.pending"     // sorted, comma separated: changed fields that wait for the next start (instances)
	KeyLabel      = "user.label."          // prefix of Compose labels
)
