// Command icc-plugin-instance runs the services of a Compose project as Incus instances. The work is done in the rooms
// below: spec translates, observe reads the server, reconcile compares, lifecycle acts, console keeps logs, guest and
// passwd look inside, health probes, watch looks after what has no icc-init, and provider speaks the protocol.
//
// It makes no networks, no named volumes and no images: their outputs are its inputs.
package main
