// Package compose reads compose files and turns them into declarations of resources.
//
// It works in two steps. Load finds the files, reads them with compose-go and checks what compose-go leaves open; its
// errors name the file, the line and the attribute. Translate turns the loaded project into declarations, one for each
// wanted resource, and into diagnostics for what Incus cannot do or icc does not do yet. One table (coverage) says of
// every attribute of the Compose specification what becomes of it, and docs/compose.md is generated from that table.
//
// The package reads files: compose files, environment files, secrets. It talks to no server, writes nothing, and
// decides nothing that depends on a server's state.
package compose
