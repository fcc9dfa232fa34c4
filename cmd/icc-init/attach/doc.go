// Package attach connects people to the main process: Hub is PID 1's side, which copies output to everybody attached and
// passes their input on; Client is the side of `/s6-init attach`. Between them run frames over the control socket.
//
// Input is acknowledged chunk by chunk, so that a process that does not read its input holds up neither signals nor
// sizes. Output is buffered per client. Who was attached before the first output (`icc run`) misses nothing, and so slows
// the process down as a terminal would; who came later and cannot keep up loses output, with a note.
//
// The package knows neither sockets nor processes; it refuses to keep output for clients to come: that is the log's.
package attach
