package sdk

// Version is the version of icc and of the plugins built with it.
const Version = "0.1.0"

// Protocol is the major version of the plugin protocol. Host and plugin must agree on it.
const Protocol = 1
