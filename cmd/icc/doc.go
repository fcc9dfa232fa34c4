// Command icc brings up Compose projects on Incus.
//
// Each verb has a file of its own. A verb turns flags into a goal for core/engine and prints what comes back; it holds
// no logic of its own. What is shown while something runs is package view's business.
package main
