// A plugin that misbehaves on demand: at its start by the name it is installed under, later by the action it is asked
// to run. Under any other name, and for any other action, it is a good plugin whose one kind has its own name.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/icc-project/icc/sdk/serve"
	"github.com/icc-project/icc/sdk/wire"
)

func main() {
	name := strings.TrimPrefix(filepath.Base(os.Args[0]), "icc-plugin-")
	p := &provider{name: name}
	switch {
	case name == "hang":
		time.Sleep(time.Hour)
	case name == "rubbish":
		fmt.Println("hello, I am a plugin")
		time.Sleep(time.Hour)
	case name == "endless":
		for {
			fmt.Print(strings.Repeat("x", 4096))
		}
	case name == "dies":
		fmt.Fprintln(os.Stderr, "cannot find my configuration")
		os.Exit(3)
	case name == "dies-late":
		fmt.Fprintln(os.Stderr, "panic: no luck today")
		os.Exit(2)
	case name == "old-protocol":
		serveProtocol(7, p)
	case name == "stubborn":
		signal.Ignore(syscall.SIGTERM)
		serveProtocol(1, p)
		time.Sleep(time.Hour)
	case name == "json42":
		fmt.Fprintln(os.Stderr, `{"@message": 42, "@level": "info", "answer": [1, {"a": null}]}`)
		fmt.Fprintln(os.Stderr, `{"@message": null, "@level": 7, "@timestamp": {}}`)
		fmt.Fprintln(os.Stderr, `{"@level": "error"`)
		fmt.Fprintln(os.Stderr, strings.Repeat("long ", 100_000))
	}
	serve.Main(p)
}

// serveProtocol serves with go-plugin alone, as a plugin that was not made with the SDK.
func serveProtocol(version int, p *provider) {
	handshake := wire.Handshake()
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: map[int]goplugin.PluginSet{version: {wire.PluginName: &wire.GRPCPlugin{Impl: p}}},
		Logger:           hclog.NewNullLogger(),
		GRPCServer:       func(o []grpc.ServerOption) *grpc.Server { return grpc.NewServer(o...) },
	})
}
