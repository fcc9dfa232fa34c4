// Package initspec is the contract between the instance plugin and icc-init, the PID 1 that icc puts into OCI
// containers (cmd/icc-init). It imports the standard library only, because icc-init is to stay small.
//
// The contract has four parts:
//
//   - Spec says what to run. The plugin writes it as JSON into the instance's configuration under Key; icc-init reads it
//     at each start through the guest API (/dev/incus/sock), so it needs no file and no credential, and again when
//     AppletReload tells it to. Spec.Reload says what it can change then.
//   - State says how it went. icc-init replaces StateFile at each change; the plugin reads it from the outside, whether
//     the instance runs or not, because Dir is a directory of a storage volume (RuntimeVolume) mounted into the instance.
//   - The log is a series of files in LogDir with one Entry a line (the format of Kubernetes' CRI logs). Segments are
//     numbered upwards; the oldest are removed when there are more than Log.MaxFiles.
//   - Applets are icc-init started a second time inside the container, by Incus' exec, under another name of argument:
//     see the constants Applet*. They talk to PID 1 over a unix socket in Dir that only the container's root can reach.
//     Both are always the same file, so how they talk is no part of the contract.
package initspec
