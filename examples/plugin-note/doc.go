// Command icc-plugin-note is a plugin as small as one can be: it brings the kind "note", a text that is kept as a file
// for as long as the Compose project is up. Start here to write your own.
//
//	go build -o ~/.local/share/icc/plugins/icc-plugin-note ./examples/plugin-note
//
// A compose file then declares notes like this:
//
//	x-icc:
//	  resources:
//	    motd:
//	      kind: note
//	      config: {text: "Welcome"}
//
// It needs no Incus. What it does need of the protocol is all in note.go; that it keeps its promises is tested by
// package sdk/conformance.
package main
