//go:build incus

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
	"github.com/icc-project/icc/sdk/serve"
)

// pluginPrefix begins the file names of plugins.
const pluginPrefix = "icc-plugin-"

// isStandIn says that this process was started in a plugin's place: copies of the test binary misbehave as plugins do
// when something is wrong with them.
func isStandIn() bool { return strings.HasPrefix(filepath.Base(os.Args[0]), pluginPrefix) }

// standIn misbehaves as the file beside it says.
func standIn() {
	behaviour, err := os.ReadFile(os.Args[0] + ".behaviour")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	if err := os.WriteFile(os.Args[0]+".started", nil, 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}

	switch string(behaviour) {
	case "crash":
		fmt.Fprintln(os.Stderr, "something broke in here")
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	case "rubbish":
		fmt.Println("Hello, I am no plugin")
		time.Sleep(time.Hour)
	case "protocol":
		fmt.Println("1|99|unix|/nowhere/socket|grpc|")
		time.Sleep(time.Hour)
	case "crash-later":
		serve.Main(breaking{name: strings.TrimPrefix(filepath.Base(os.Args[0]), pluginPrefix), how: func() {
			fmt.Fprintln(os.Stderr, "something broke in here")
			os.Exit(3)
		}})
	case "hang-later":
		serve.Main(breaking{name: strings.TrimPrefix(filepath.Base(os.Args[0]), pluginPrefix), how: func() {
			_ = os.WriteFile(os.Args[0]+".asked", nil, 0o644) // who waits for it fails without it
			time.Sleep(time.Hour)
		}})
	}

	os.Exit(0)
}

// breaking is a plugin that comes up well and breaks when it is used.
type breaking struct {
	name string
	how  func()
}

func (b breaking) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{Name: b.name, Version: "0", Summary: "breaks", Kinds: []sdk.Kind{{
		Kind: resource.Kind(b.name), Priority: 256, Actions: []resource.Action{resource.ActionEnsure, resource.ActionDelete},
	}}}, nil
}

func (b breaking) Configure(context.Context, sdk.Settings) error { return nil }

func (b breaking) Resolve(_ context.Context, decls []resource.Declaration) (*sdk.Resolution, error) {
	out := &sdk.Resolution{}
	for _, d := range decls {
		out.Resolved = append(out.Resolved, resource.Resolved{Ref: d.Ref, IncusName: d.Name, Priority: 256, Config: d.Config})
	}

	return out, nil
}

func (b breaking) Plan(context.Context, sdk.PlanRequest) (*sdk.PlanResult, error) {
	b.how()

	return &sdk.PlanResult{}, nil
}

func (b breaking) Run(context.Context, sdk.RunRequest, resource.Sink) (*sdk.RunResult, error) {
	b.how()

	return &sdk.RunResult{}, nil
}

// standIn puts a misbehaving plugin of that name into a plugin folder of the project and returns the folder.
func (p *project) standIn(name, behaviour string) string {
	p.t.Helper()

	self, err := os.Executable()
	p.must(err)

	program, err := os.ReadFile(self)
	p.must(err)

	dir := filepath.Join(p.dir, "plugins-"+behaviour)
	p.must(os.MkdirAll(dir, 0o755))

	path := filepath.Join(dir, pluginPrefix+name)
	// icc remembers plugins by their checksum, so each has an end of its own.
	program = append(program, path...)
	p.program(path, program)
	p.must(os.WriteFile(path+".behaviour", []byte(behaviour), 0o644))

	return dir
}

// started says whether a stand-in was started.
func started(dir, name string) bool { return standInHas(dir, name, ".started") }

// asked says whether a stand-in that hangs when it is used was used.
func asked(dir, name string) bool { return standInHas(dir, name, ".asked") }

func standInHas(dir, name, suffix string) bool {
	_, err := os.Stat(filepath.Join(dir, pluginPrefix+name+suffix))

	return err == nil
}
