package spec

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kballard/go-shellquote"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestQuotedArgumentsAreReadBackByTheServersSplitterAndByOurs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		argv := rapid.SliceOfN(rapid.StringMatching("[a-z '\"\\\\$`*(){}\t=-]{0,12}"), 1, 5).Draw(t, "argv")
		encoded, err := quoteArgv(argv)
		impossible := false
		for _, a := range argv {
			impossible = impossible || strings.Contains(a, "'") && strings.Contains(a, `"`)
		}
		if impossible != (err != nil) {
			t.Fatalf("quoting %q: %v", argv, err)
		}
		if err != nil {
			return
		}
		server, err := shellquote.Split(encoded)
		if err != nil {
			t.Fatalf("the server cannot read %s: %v", encoded, err)
		}
		if diff := cmp.Diff(argv, server); diff != "" {
			t.Errorf("the server reads %s as (-want +got):\n%s", encoded, diff)
		}
		if diff := cmp.Diff(argv, SplitArgv(encoded)); diff != "" {
			t.Errorf("we read %s as (-want +got):\n%s", encoded, diff)
		}
	})
}

func TestQuotesAreOnlyUsedWhereNeededAndEscapesWhereTheyCount(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"plain-1.2/x=y": "plain-1.2/x=y", "": "''", "two words": "'two words'", `a\b`: `'a\b'`, `say "x"`: `'say "x"'`, "$HOME": "'$HOME'",
		"it's": `"it's"`, `it's \`: `"it's \\"`, "it's $x `y`": "\"it's \\$x \\`y\\`\"",
	} {
		if got, err := quoteArg(arg); err != nil || got != want {
			t.Errorf("%q is written %s, %v, want %s", arg, got, err, want)
		}
	}
}

// off has Incus run the service itself.
func off(i *Input) { i.Config.Init = kinds.InitOff }

func TestWhatIncusCannotExpressIsAnErrorWithAHint(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Input){
		"an argument with a line break": func(i *Input) { off(i); i.Config.Command, i.Config.CommandSet = []string{"a\nb"}, true },
		"an argument with both quotes":  func(i *Input) { off(i); i.Config.Command, i.Config.CommandSet = []string{`'"`}, true },
		"a variable with a line break":  func(i *Input) { off(i); i.Config.Environment = map[string]string{"X": "a\nb"} },
		"orders that cannot be read":    func(i *Input) { i.Config.Incus = map[string]string{"security.guestapi": "false"} },
		"a gateway without networks":    func(i *Input) { i.Config.ExtraHosts = []string{"host=host-gateway"} },
		"no command at all":             func(i *Input) { i.Config.CommandSet = true },
		"an empty entrypoint":           func(i *Input) { i.Config.Entrypoint, i.Config.EntrypointSet = []string{""}, true },
		"a run of an unknown image":     func(i *Input) { i.Image.Process, i.Config.AwaitAttach = nil, true },
		"a run of a native image":       func(i *Input) { i.Image.Native, i.Config.AwaitAttach = true, true },
		"a command for a native image":  func(i *Input) { i.Image.Native, i.Config.CommandSet = true, true },
	} {
		_, err := Translate(in("web", busybox(), change))
		if !errors.Is(err, resource.ErrConfig) || resource.Hint(err) == "" {
			t.Errorf("%s: the error is %v, its hint %q", name, err, resource.Hint(err))
		}
	}
}

func TestTheHashFollowsEveryChangeAndNothingElse(t *testing.T) {
	t.Parallel()
	hashes := map[string]string{}
	for name, input := range goldenCases() {
		a, err := Translate(input)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Translate(input)
		if err != nil {
			t.Fatal(err)
		}
		if a.Hash != b.Hash {
			t.Errorf("%s: twice the same gives %s and %s", name, a.Hash, b.Hash)
		}
		if other, seen := hashes[a.Hash]; seen {
			t.Errorf("%s and %s have one hash", name, other)
		}
		hashes[a.Hash] = name
	}
	digest := in("web", busybox(), func(i *Input) { i.Image.Digest = "sha256:other" })
	if i, err := Translate(digest); err != nil || hashes[i.Hash] != "" {
		t.Errorf("another digest of the same layers has the hash of %q, %v", hashes[i.Hash], err)
	}
}

func TestPortsAreReadBackFromTheirDevices(t *testing.T) {
	t.Parallel()
	for _, p := range []kinds.Port{
		{Protocol: "tcp", Published: 8080, Target: 80, Count: 1},
		{Protocol: "udp", Published: 8080, Target: 80, Count: 5},
		{Protocol: "tcp", HostIP: "127.0.0.1", Published: 8080, Target: 80, Count: 1},
		{Protocol: "tcp", HostIP: "::1", Published: 8080, Target: 80, Count: 2, NAT: true},
	} {
		for _, ipv6 := range []bool{false, true} {
			i, err := Translate(in("web", busybox(), func(i *Input) { i.Host.IPv6, i.Config.Ports = ipv6, []kinds.Port{p} }))
			if err != nil {
				t.Fatal(err)
			}
			got, ok := ParsePort(portDevice(p), i.Devices[portDevice(p)])
			if !ok || got != p {
				t.Errorf("%+v is read back as %+v, %v", p, got, ok)
			}
		}
	}
}

func TestDeviceNamesAreDistinctAndAcceptedByIncus(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, target := range []string{"/a/b", "/a-b", "/a_b", "/a.b", "/A/b", "/" + strings.Repeat("x", 200), "/" + strings.Repeat("x", 201), "/ä", "/ö"} {
		name := mountDevice(target)
		if other, taken := seen[name]; taken {
			t.Errorf("%s and %s are both %s", target, other, name)
		}
		seen[name] = target
		if len(name) > 63 || strings.ContainsAny(name, "/ äö") {
			t.Errorf("%s gets the name %q", target, name)
		}
	}
	if mountDevice("/a/b/") != mountDevice("/a/b") {
		t.Error("a trailing slash makes another device")
	}
}

func TestUsersNeedALookUpUnlessTheyAreNumbersOrRoot(t *testing.T) {
	t.Parallel()
	for user, want := range map[string]bool{
		"0": true, "root": true, "root:root": true, "5:6": true, "0:7": true, "5": false, "www": false, "5:staff": false, "www:7": false,
	} {
		if _, _, ok := ParseUser(user).Numbers(); ok != want {
			t.Errorf("%q: known without looking: %v, want %v", user, ok, want)
		}
	}
}

func TestAServicesHealthcheckCompletesTheImages(t *testing.T) {
	t.Parallel()
	image := redis().Process
	for name, test := range map[string]struct {
		service *kinds.Healthcheck
		want    *kinds.Healthcheck
	}{
		"none of its own":       {nil, image.Healthcheck},
		"only another interval": {&kinds.Healthcheck{Interval: 5}, &kinds.Healthcheck{Test: image.Healthcheck.Test, Interval: 5}},
		"a test of its own":     {&kinds.Healthcheck{Test: []string{"CMD", "x"}}, &kinds.Healthcheck{Test: []string{"CMD", "x"}, Interval: image.Healthcheck.Interval}},
		"switched off":          {&kinds.Healthcheck{Disable: true}, nil},
		"none wanted":           {&kinds.Healthcheck{Test: []string{"NONE"}}, nil},
	} {
		if diff := cmp.Diff(test.want, EffectiveHealthcheck(test.service, image)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	i, err := Translate(in("web", redis(), func(i *Input) {
		i.Config.Healthcheck = &kinds.Healthcheck{Retries: 7, Timeout: 3e9, StartPeriod: 4e9, StartInterval: 5e9}
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := &kinds.Healthcheck{Test: image.Healthcheck.Test, Interval: 10e9, Retries: 7, Timeout: 3e9, StartPeriod: 4e9, StartInterval: 5e9}
	if diff := cmp.Diff(want, Healthcheck(i.Config)); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestVariablesThatLookLikeCredentialsAreSensitive(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]bool{
		"environment.POSTGRES_PASSWORD": true, "environment.api_token": true, "environment.DATABASE_URL": true, "environment.AWS_SECRET_ACCESS_KEY": true,
		"environment.MODE": false, "environment.PORT": false, "user.label.password": false, "limits.memory": false,
	} {
		if got := SensitiveKey(key); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
}

func TestAnImageThatOnlyTheServerKnowsKeepsItsOwnCommandLine(t *testing.T) {
	t.Parallel()
	unknown := busybox()
	unknown.Process = nil
	got, err := Translate(in("web", unknown, nil))
	if err != nil {
		t.Fatal(err)
	}
	if argv, set := got.Config["oci.entrypoint"]; set {
		t.Errorf("want the image's own command line, got %q", argv)
	}
	got, err = Translate(in("web", unknown, func(i *Input) { i.Config.Command, i.Config.CommandSet = []string{"x"}, true }))
	if err != nil || got.Config["oci.entrypoint"] != "x" {
		t.Errorf("a command without a known ENTRYPOINT: got %q, %v", got.Config["oci.entrypoint"], err)
	}
	got, err = Translate(in("web", unknown, func(i *Input) { i.Config.Entrypoint, i.Config.EntrypointSet = []string{"/x", "y"}, true }))
	if err != nil || got.Config["oci.entrypoint"] != "/x y" {
		t.Errorf("an entrypoint of the service's own: got %q, %v", got.Config["oci.entrypoint"], err)
	}
}
