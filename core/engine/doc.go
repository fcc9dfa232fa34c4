// Package engine is the one door to a project, for the command line and for programs that embed icc. Its story has
// four parts:
//
//	Load     compose files become declarations (core/compose; asks nobody)
//	Resolve  plugins complete them: names on the server, defaults, edges (asks nobody)
//	Observe  plugins look at the server and compare (a fixed number of questions per kind, changes nothing)
//	Apply    a Plan's steps run through core/stack (the only part that changes anything)
//
// Between Observe and Apply stands a goal: Up, Down, Stop and so on are pure functions from a Model and an Observation
// to a Plan, so that `icc plan` shows exactly what `icc up` does.
//
// The engine knows no kind and no builder. It holds no state of its own: the server is the only memory.
package engine
