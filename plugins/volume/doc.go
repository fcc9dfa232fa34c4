// Command icc-plugin-volume manages resources of kind storage-volume: custom storage volumes of Incus that services mount, and
// icc's own volumes with secrets and configs.
//
// A volume is created once and then only ever changed in place: its data is worth more than any setting, so nothing
// here recreates, moves or empties one. Volumes of others are used but never changed or deleted. What is mounted where,
// and what an image puts into an empty volume, is the instance plugin's business.
package main
