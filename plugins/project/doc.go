// Command icc-plugin-project manages where a Compose project lives on the server: an Incus project of its own, with the
// limits and restrictions of top-level x-incus, and profiles that its instances share.
//
// An Incus project is icc's when it carries this Compose project's mark; any other is used as it is or refused, never
// changed. It is deleted when nothing is left in it, and stays as long as somebody's data is: deleting volumes is not
// this plugin's decision. Without a Compose project it lists all of them, for `icc ls`.
package main
