// Package runlog reads the log that icc-init keeps of a service: segments of lines with time and stream, in a directory
// of the runtime volume.
//
// A position in the log is a segment and an offset, so that nothing is lost or shown twice between two readings, however
// the segments were rotated meanwhile. It is read from the end for the last lines, and from the newest segment that can
// have them for a time. Lines that rotation has removed before they were read are reported, never passed over in silence.
package runlog
