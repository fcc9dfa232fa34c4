// Package runtime is the runtime volume: the custom storage volume that has icc-init's program and, for each instance, a
// directory with its state and log. A Compose project has one of them in its Incus project.
//
// A Courier makes the volume, brings the program and makes the directories; that is all that is ever written here.
//
// Its contents are read over SFTP, whether the instance runs or not. What a container's root has written there is never
// trusted: package runtime opens regular files only, follows no links, and bounds what it reads. It does not know what
// the files mean; packages runstate and runlog do.
package runtime
