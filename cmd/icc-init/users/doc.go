// Package users turns Docker's "user[:group]" into numbers by the image's own /etc/passwd and /etc/group.
//
// It reads those two files and nothing else: no NSS, no libc, and no fault when they are missing, as in images from
// scratch.
package users
