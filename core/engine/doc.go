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
//
// # The files, in the order of the story
//
// What there is to work with: engine sets it up, hosted takes the plugins from core/host.
//
// Resolve: resolve asks the plugins and joins their answers; before that validate holds third parties' declarations
// against their schemas. The result is a Model, in model, which also knows what a selection needs.
//
// Observe: observe asks kind by kind, each after those it needs; glance has begun to look before anything was known.
// drift is what others have changed.
//
// The goals make a plan of steps that need each other: goal_up, goal_down, goal_power (stop, start, restart) and goal_act
// (one action on each). A goal adds steps first and links them then. What several goals, or a part of up, have to say is in
// files of its own:
//
//	recorded    the edges of what nothing declares, as the server has them
//	conditions  a condition of depends_on as a step that waits
//	recreate    --force-recreate, --no-recreate, renewed volumes; the order of deletions
//	restarts    what is restarted with something that it depends on
//	clearing    what stands still or makes way while something changes that it uses
//	ondemand    steps of pre_start: brought up when they are needed, deleted afterwards
//	rolling     replicas that change one after the other; rolling_back is the way back
//
// Later parts of up build on the steps of earlier ones, so their order in Up matters.
//
// Apply: apply runs the steps and hands outputs on; errors says whose error it is. rolling_run keeps account of updates,
// rolling_route leads requests around replicas. What a plugin asks for is built by build, with a builder that builders
// chooses: builddir is where it writes, buildcontexts are images that it takes as contexts, buildrefusals what it refuses
// beforehand, stdin a context that comes through a pipe.
//
// A whole run: replan pursues a goal with the project's lock (package lock) and plans again when the server turns out to
// be different. renew brings images up to date first, where what is done with instances depends on them. single does
// something outside of any plan.
package engine
