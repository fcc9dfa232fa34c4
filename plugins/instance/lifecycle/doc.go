// Package lifecycle carries out what happens to one instance: ensuring, starting, stopping and deleting it.
//
// Each action is idempotent and asks the server only what it cannot know: creating and starting an instance takes
// three requests and their waits. What fails half-way is undone. Volumes with data are never deleted here.
//
// Below icc-init a start returns when the command has been started, or says why it cannot be, and a stop waits as long
// as the service was promised. What is in the runtime volume is package runtime's business.
package lifecycle
