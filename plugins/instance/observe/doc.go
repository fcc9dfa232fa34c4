// Package observe reads instances off the server: one listing for a whole Compose project, and for each instance what
// `icc ps` shows and what the other actions need to know of it.
//
// It asks the server as little as possible and changes nothing. The user.icc.* keys that icc wrote are its only source
// besides what Incus itself says.
package observe
