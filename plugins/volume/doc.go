// Command icc-plugin-volume manages custom storage volumes of Incus: the named volumes that services mount, and icc's own
// with secrets and configs.
//
// A volume's data is worth more than any setting. What can be changed in place is changed in place (class.go); a volume
// moves to another storage pool with all that is in it (move.go); and only what Incus looks at when it makes a volume
// takes a new, empty one, after whoever runs icc has agreed to the loss. Volumes of others are used but never changed or
// deleted. What is mounted where, and what an image puts into an empty volume, is the instance plugin's business.
package main
