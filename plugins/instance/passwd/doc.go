// Package passwd finds users and groups in a container's own user database, by Docker's rules: names and numbers are
// both allowed, and a number need not be in the database.
//
// It reads text that others fetch; it touches no file itself.
package passwd
