package resource

// sentinel returns a new sentinel error. Codes are part of the protocol.
func sentinel(code, text string) *Error { return &Error{Code: code, Text: text} }

// The sentinels. Compare with errors.Is; enrich with the With methods and Wrap.
var (
	ErrUnknown              = sentinel("unknown", "unknown error")
	ErrUnsupportedAction    = sentinel("unsupported-action", "resource does not support the action")
	ErrNotRunning           = sentinel("not-running", "not running")
	ErrUnknownConfig        = sentinel("unknown-config", "unknown configuration for the resource")
	ErrNilPointer           = sentinel("nil-pointer", "a required value is missing")
	ErrOperation            = sentinel("operation", "operation failed")
	ErrBadDeviceConfig      = sentinel("bad-device-config", "bad device configuration")
	ErrDependencyNotEnsured = sentinel("dependency-not-ensured", "a dependency is not ready")
	ErrDisconnected         = sentinel("disconnected", "not connected to a server")
	ErrConnectionFailed     = sentinel("connection-failed", "connecting to the server failed")
	ErrServerNotListening   = sentinel("server-not-listening", "the server does not listen on the network")
	ErrAborted              = sentinel("aborted", "aborted")
	ErrNotFound             = sentinel("not-found", "not found")
	ErrNotEnsured           = sentinel("not-ensured", "the resource has not been ensured")
	ErrImageRequired        = sentinel("image-required", "an instance needs an image")
	ErrUnknownResource      = sentinel("unknown-resource", "unknown resource kind")
	ErrInvalidFormat        = sentinel("invalid-format", "invalid format")
	ErrImageSource          = sentinel("image-source", "the image's source failed")
	ErrDeviceConflict       = sentinel("device-conflict", "two devices have the same name")
	ErrVolumeMismatch       = sentinel("volume-mismatch", "the volume's configuration does not match")
	ErrCreate               = sentinel("create", "creating failed")
	ErrDNSWatcher           = sentinel("dns-watcher", "updating DNS records failed")

	// The sentinels below have no counterpart in incus-compose.

	ErrConflict     = sentinel("conflict", "the object belongs to somebody else or was changed meanwhile")
	ErrPortInUse    = sentinel("port-in-use", "the port is already in use")
	ErrTimeout      = sentinel("timeout", "timed out")
	ErrPermission   = sentinel("permission", "permission denied")
	ErrUnsupported  = sentinel("unsupported", "not supported by this server")
	ErrBuild        = sentinel("build", "building the image failed")
	ErrUnhealthy    = sentinel("unhealthy", "the service is unhealthy")
	ErrExited       = sentinel("exited", "the process has ended")
	ErrPlugin       = sentinel("plugin", "the plugin failed")
	ErrPluginCrash  = sentinel("plugin-crash", "the plugin crashed")
	ErrPluginVerify = sentinel("plugin-verify", "the plugin was refused")
	ErrNoPlugin     = sentinel("no-plugin", "no plugin for this")
	ErrConfig       = sentinel("config", "the configuration is wrong")
)

// Sentinels returns every sentinel by its code, for decoding and for the documentation.
func Sentinels() map[string]*Error {
	all := []*Error{
		ErrUnknown, ErrUnsupportedAction, ErrNotRunning, ErrUnknownConfig, ErrNilPointer, ErrOperation,
		ErrBadDeviceConfig, ErrDependencyNotEnsured, ErrDisconnected, ErrConnectionFailed, ErrServerNotListening,
		ErrAborted, ErrNotFound, ErrNotEnsured, ErrImageRequired, ErrUnknownResource, ErrInvalidFormat,
		ErrImageSource, ErrDeviceConflict, ErrVolumeMismatch, ErrCreate, ErrDNSWatcher, ErrConflict, ErrPortInUse,
		ErrTimeout, ErrPermission, ErrUnsupported, ErrBuild, ErrUnhealthy, ErrPlugin, ErrPluginCrash,
		ErrPluginVerify, ErrNoPlugin, ErrConfig, ErrExited,
	}
	m := make(map[string]*Error, len(all))
	for _, e := range all {
		m[e.Code] = e
	}
	return m
}
