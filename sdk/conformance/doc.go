// Package conformance checks that a plugin keeps the promises of docs/protocol.md. Plugin authors run it in a test of
// their own, on the server that the plugin manages:
//
//	func TestConformance(t *testing.T) {
//		conformance.Provider(t, newProvider(), conformance.Case{
//			New:      func() sdk.Provider { return newProvider() },
//			Settings: sdk.Settings{IncusSocket: socket, IncusProject: "shop", ComposeProject: "shop"},
//			Declarations: []resource.Declaration{
//				conformance.Declare("bucket", "photos", bucketConfig{Size: "1GiB"}),
//				conformance.Declare("bucket", "letters", bucketConfig{}),
//			},
//		})
//	}
//
// The server must have none of the declared objects before; it has none of them after. Two declarations of a kind say
// more than one: only then is seen whether a plan asks once for all of them.
//
// Every check runs twice: in process, with a new provider for each call when Case.New is given, which is what a plugin
// meets that is ended and started between any two calls; and over the wire, on a unix socket.
//
// The package knows no server. What reaches Settings.IncusSocket it counts on the way, and Case.Watch may say whether
// anything changed. It refuses to judge what an object is like: that is for the plugin's own tests.
package conformance
