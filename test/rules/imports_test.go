package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const incusClient = "github.com/lxc/incus/v6/client"

// clientRooms are the only ones that may import the Incus client themselves.
func clientRooms() []string {
	return []string{
		"core/connect", "sdk/incus",
		"plugins/project", "plugins/image", "plugins/network", "plugins/volume", "plugins/instance",
		"test", // the testbed, the end-to-end tests and the floor of the benchmarks
	}
}

// violations returns what p imports against the rules of design.md.
func violations(p pkg) []string {
	var found []string
	refuse := func(what, rule string) { found = append(found, fmt.Sprintf("%s imports %s: %s", p.path(), what, rule)) }
	for _, dep := range p.Deps {
		if rule := wholeProgramRule(p.path(), dep); rule != "" {
			refuse(within(dep), rule)
		}
	}
	direct := slices.Concat(p.Imports, p.TestImports, p.XTestImports)
	slices.Sort(direct)
	for _, imported := range slices.Compact(direct) {
		if rule := directRule(p.path(), imported, slices.Contains(p.Imports, imported)); rule != "" {
			refuse(within(imported), rule)
		}
	}
	return found
}

// wholeProgramRule says which rule forbids dep anywhere in what path needs, "" for none.
func wholeProgramRule(path, dep string) string {
	dep, isOurs, isStandard := within(dep), ours(dep), standard(dep)
	switch {
	case in(path, "sdk") && isOurs && !in(dep, "sdk"):
		return "sdk imports nothing of core, cmd, plugins and test"
	case (path == "sdk/resource" || path == "sdk/initspec") && !isStandard:
		return "it gets along with the standard library"
	case in(path, "cmd/icc-init") && !isStandard && !in(dep, "cmd/icc-init", "sdk/initspec"):
		return "icc-init gets along with the standard library and its contract"
	case path == "core/stack" && !isStandard && dep != "sdk/resource":
		return "core/stack imports sdk/resource only"
	case in(path, "core") && isOurs && in(dep, "plugins", "cmd", "test"):
		return "core knows no plugin and no command"
	case in(path, "plugins") && isOurs && !in(dep, "sdk", room(path)):
		return "a plugin imports sdk only, so that it could live in another repository"
	case strings.HasPrefix(path, "plugins/builder-") && dep == incusClient:
		return "builders know nothing of Incus"
	case (path == "sdk" || in(path, "sdk/wire", "sdk/serve", "sdk/kinds", "sdk/naming", "sdk/proto")) && dep == incusClient:
		return "only sdk/incus brings the Incus client along"
	}
	return ""
}

// directRule says which rule forbids the import itself, "" for none. inProduct is false for imports of tests alone.
func directRule(path, imported string, inProduct bool) string {
	isOurs := ours(imported)
	to := within(imported)
	switch {
	case strings.HasPrefix(imported, incusClient) && !in(path, clientRooms()...) && (inProduct || path != "cmd/icc-init"):
		return "the Incus client belongs in core/connect, sdk/incus and the resource plugins"
	case in(path, "cmd") && isOurs && in(to, "plugins"):
		return "the command starts plugins, it does not contain them"
	case !isOurs:
		return ""
	case inProduct && in(to, "test") && !in(path, "test"):
		return "test is for tests"
	case in(path, "sdk") && !in(to, "sdk", "test/testbed"), in(path, "plugins") && !in(to, "sdk", room(path), "test/testbed"):
		return "the tests of sdk and of plugins need nothing of core either"
	}
	return ""
}

// in says whether path is one of the folders or below one.
func in(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// room returns the first two elements of a path: "plugins/image" for "plugins/image/archive".
func room(path string) string {
	parts := strings.SplitN(path, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func TestPackagesImportWhatTheyMay(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, p := range packages(t) {
		seen++
		for _, v := range violations(p) {
			t.Error(v)
		}
	}
	if seen < 10 {
		t.Errorf("only %d packages were looked at", seen)
	}
}

func TestTheImportRulesCatchEachOffence(t *testing.T) {
	t.Parallel()
	const our = module + "/"
	for name, c := range map[string]struct {
		p    pkg
		want []string
	}{
		"the sdk needs core": {
			pkg{ImportPath: our + "sdk/wire", Deps: []string{"fmt", our + "sdk", our + "core/host"}},
			[]string{"sdk/wire imports core/host: sdk imports nothing of core, cmd, plugins and test"},
		},
		"the resource model needs a library": {
			pkg{ImportPath: our + "sdk/resource", Deps: []string{"fmt", "golang.org/x/sync/errgroup"}},
			[]string{"sdk/resource imports golang.org/x/sync/errgroup: it gets along with the standard library"},
		},
		"the scheduler needs providers": {
			pkg{ImportPath: our + "core/stack", Deps: []string{"context", our + "sdk/resource", our + "sdk"}},
			[]string{"core/stack imports sdk: core/stack imports sdk/resource only"},
		},
		"the engine contains a plugin": {
			pkg{ImportPath: our + "core/engine", Deps: []string{our + "plugins/image/reference"}},
			[]string{"core/engine imports plugins/image/reference: core knows no plugin and no command"},
		},
		"icc-init needs a library": {
			pkg{ImportPath: our + "cmd/icc-init", Deps: []string{"fmt", our + "cmd/icc-init/proc", our + "sdk/initspec", our + "sdk"}},
			[]string{"cmd/icc-init imports sdk: icc-init gets along with the standard library and its contract"},
		},
		"icc-init talks to Incus itself": {
			pkg{ImportPath: our + "cmd/icc-init", Imports: []string{incusClient}, TestImports: []string{incusClient}},
			[]string{"cmd/icc-init imports " + incusClient + ": the Incus client belongs in core/connect, sdk/incus and the resource plugins"},
		},
		"a plugin needs another one": {
			pkg{ImportPath: our + "plugins/image", Deps: []string{our + "plugins/image/archive", our + "plugins/volume"}},
			[]string{"plugins/image imports plugins/volume: a plugin imports sdk only, so that it could live in another repository"},
		},
		"a builder drags the client in": {
			pkg{ImportPath: our + "plugins/builder-podman", Deps: []string{our + "sdk/incus", incusClient}},
			[]string{"plugins/builder-podman imports " + incusClient + ": builders know nothing of Incus"},
		},
		"the sdk's root drags the client in": {
			pkg{ImportPath: our + "sdk", Deps: []string{our + "sdk/incus", incusClient}},
			[]string{"sdk imports " + incusClient + ": only sdk/incus brings the Incus client along"},
		},
		"the engine talks to Incus itself": {
			pkg{ImportPath: our + "core/engine", Imports: []string{incusClient}},
			[]string{"core/engine imports " + incusClient + ": the Incus client belongs in core/connect, sdk/incus and the resource plugins"},
		},
		"the command contains a plugin": {
			pkg{ImportPath: our + "cmd/icc", Imports: []string{our + "plugins/image"}},
			[]string{"cmd/icc imports plugins/image: the command starts plugins, it does not contain them"},
		},
		"the product needs the testbed": {
			pkg{ImportPath: our + "core/connect", Imports: []string{our + "test/testbed"}},
			[]string{"core/connect imports test/testbed: test is for tests"},
		},
		"a plugin's test needs core": {
			pkg{ImportPath: our + "plugins/image", XTestImports: []string{our + "core/host", our + "test/testbed"}},
			[]string{"plugins/image imports core/host: the tests of sdk and of plugins need nothing of core either"},
		},
		"what is allowed": {
			pkg{
				ImportPath:  our + "plugins/image",
				Deps:        []string{"fmt", our + "sdk", our + "sdk/incus", our + "plugins/image/archive", incusClient, "github.com/google/go-cmp/cmp"},
				Imports:     []string{"fmt", our + "sdk", our + "sdk/incus", our + "plugins/image/archive", incusClient},
				TestImports: []string{our + "test/testbed"},
			}, nil,
		},
		"what tests may": {pkg{ImportPath: our + "core/connect", TestImports: []string{our + "test/testbed"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, violations(c.p)); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
		})
	}
}
