package main

import (
	"bytes"
	"errors"
	"flag"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// templateOf reads --format as ps does.
func templateOf(text string) (*psTemplate, error) {
	flags := flag.NewFlagSet("ps", flag.ContinueOnError)
	flags.String("format", text, "")
	c := cli.NewContext(cli.NewApp(), flags, nil)
	c.Command = &cli.Command{Name: "ps"}
	_, t, err := psFormat(c)
	return t, err
}

func TestPsPrintsWhatATemplateSays(t *testing.T) {
	t.Parallel()
	list := []instance{
		{State: resource.State{IncusName: "shop-web-1", Status: resource.StatusRunning}, InstanceOutputs: kinds.InstanceOutputs{Service: "web", Ports: []kinds.Port{{Published: 8080, Target: 80, Protocol: "tcp"}}}},
		{State: resource.State{IncusName: "shop-db-1", Status: resource.StatusStopped}, InstanceOutputs: kinds.InstanceOutputs{Service: "db"}},
	}
	for text, want := range map[string]string{
		"{{.Name}}":                                      "shop-web-1\nshop-db-1\n",
		`{{.ID}}\t{{upper .Service}}`:                    "shop-web-1\tWEB\nshop-db-1\tDB\n",
		`table {{.Name}}\t{{.Ports}}`:                    "NAME         PORTS\nshop-web-1   0.0.0.0:8080->80/tcp\nshop-db-1\n",
		"{{range .Publishers}}{{.PublishedPort}}{{end}}": "8080\n\n",
		"{{json .Project}}":                              "\"shop\"\n\"shop\"\n",
		"{{truncate .Name 6}}":                           "shop-w\nshop-d\n",
	} {
		wantPrinted(t, text, list, want)
	}
}

// wantPrinted fails the test unless the template prints this of the instances.
func wantPrinted(t *testing.T, text string, list []instance, want string) {
	t.Helper()
	tmpl, err := templateOf(text)
	if err != nil {
		t.Errorf("%s: %v", text, err)
		return
	}
	var out bytes.Buffer
	if err := tmpl.print(&out, "shop", list); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", text, diff)
	}
}

func TestTemplatesAreCheckedBeforeTheServerIsAsked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{{.Nmae}}": "--format: instances have no field Nmae",
		"{{.Name":   "--format:1: unclosed action",
		"{{nope}}":  `--format:1: function "nope" not defined`,
	} {
		_, err := templateOf(text)
		var usage *usageError
		if !errors.As(err, &usage) || err.Error() != want {
			t.Errorf("%s: got %v, want %q", text, err, want)
		}
	}
}

func TestATemplateMayNeedWhatOnlyRealInstancesHave(t *testing.T) {
	t.Parallel()
	list := []instance{{State: resource.State{IncusName: "shop-web-1", Status: resource.StatusRunning}, InstanceOutputs: kinds.InstanceOutputs{
		Service: "web", Ports: []kinds.Port{{Published: 8080, Target: 80, Protocol: "tcp"}}}}}
	for text, want := range map[string]string{
		`{{index (split .Name "-") 1}}`:                     "web\n",
		"{{(index .Publishers 0).PublishedPort}}":           "8080\n",
		"{{slice .Name 0 4}}":                               "shop\n",
		`table {{lower .Name}}\t{{json .Service}}`:          "NAME         SERVICE\nshop-web-1   \"web\"\n",
		`table {{truncate .Name 3}}\t{{title .Service}}`:    "NAME   SERVICE\nsho    Web\n",
		"table {{range .Publishers}}{{.TargetPort}}{{end}}": "\n80\n",
		`table {{.Name}}\t{{if eq .ExitCode 0}}well{{end}}`: "NAME\nshop-web-1   well\n",
		`{{pad .Service 1 2}}|{{json "a<b"}}`:               " web  |\"a<b\"\n",
	} {
		wantPrinted(t, text, list, want)
	}
}
