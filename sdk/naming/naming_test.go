package naming_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// anyName draws names from an alphabet small enough for near-collisions to be common.
func anyName() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringMatching(`[a-c2_.A-]{1,6}`),
		rapid.StringMatching(`[ab]([_.-][ab]){0,3}`),
		rapid.StringMatching(`[a-z0-9]{1,14}`),
		rapid.StringMatching(`[a-z0-9][a-z0-9_.-]{0,70}`),
		rapid.String(),
	)
}

// twin is one thing of one Compose project.
type twin struct{ project, key string }

func anyTwin() *rapid.Generator[twin] {
	return rapid.Custom(func(t *rapid.T) twin {
		return twin{anyName().Draw(t, "project"), anyName().Draw(t, "key")}
	})
}

// moved draws two names that a separator joins to the same one, with the boundary at different places.
func moved(t *rapid.T) (a, b twin) {
	sep := rapid.SampledFrom([]string{"-", "_", "."}).Draw(t, "separator")
	parts := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "2abcde"}), 3, 4).Draw(t, "parts")
	cut := func(at int) twin { return twin{strings.Join(parts[:at], sep), strings.Join(parts[at:], sep)} }
	return cut(1), cut(rapid.IntRange(2, len(parts)-1).Draw(t, "boundary"))
}

// pair draws two things, mostly such that a careless naming would confuse them.
func pair(t *rapid.T) (a, b twin) {
	a, b = anyTwin().Draw(t, "a"), anyTwin().Draw(t, "b")
	switch rapid.IntRange(0, 4).Draw(t, "relation") {
	case 0:
		return moved(t)
	case 1:
		return a, twin{a.project, naming.Sanitize(a.key, 63)}
	case 2: // a key that is the tagged name of the other one
		name := strings.TrimSuffix(naming.Scope{Project: a.project}.Instance(a.key, 1), "-1")
		return a, twin{a.project, strings.TrimPrefix(name, a.project+"-")}
	case 3:
		return a, twin{a.project, b.key}
	}
	return a, b
}

func TestNoTwoThingsOfOneServerShareAName(t *testing.T) {
	t.Parallel()
	methods := map[string]func(s naming.Scope, key string) string{
		"instance": func(s naming.Scope, key string) string { s.Shared = true; return s.Instance(key, 1) },
		"volume":   func(s naming.Scope, key string) string { s.Shared = true; return s.Volume(key) },
		"network":  naming.Scope.Network,
		"image":    naming.Scope.Image,
	}
	for name, method := range methods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				a, b := pair(t)
				if a == b {
					return
				}
				x, y := method(naming.Scope{Project: a.project}, a.key), method(naming.Scope{Project: b.project}, b.key)
				if x == y {
					t.Fatalf("%+q and %+q are both %q", a, b, x)
				}
			})
		})
	}
}

func TestNoTwoThingsOfOneProjectShareAName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := pair(t)
		b.project = a.project
		n, m := rapid.IntRange(1, 200_000).Draw(t, "n"), rapid.IntRange(1, 200_000).Draw(t, "m")
		if a.key == b.key && n == m {
			return
		}
		s := naming.Scope{Project: a.project}
		if x, y := s.Instance(a.key, n), s.Instance(b.key, m); x == y {
			t.Fatalf("%q/%d and %q/%d are both the instance %q", a.key, n, b.key, m, x)
		}
		if a.key != b.key && s.Volume(a.key) == s.Volume(b.key) {
			t.Fatalf("%q and %q are both the volume %q", a.key, b.key, s.Volume(a.key))
		}
	})
}

func TestNoTwoComposeProjectsShareAnIncusProject(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := anyName().Draw(t, "a")
		b := rapid.OneOf(anyName(), rapid.Just(naming.Sanitize(a, 63))).Draw(t, "b")
		x, errX := naming.Scope{Project: a}.IncusProject()
		y, errY := naming.Scope{Project: b}.IncusProject()
		if a != b && errX == nil && errY == nil && x == y {
			t.Fatalf("%q and %q are both %q", a, b, x)
		}
	})
}

func TestIncusAcceptsEveryName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := naming.Scope{Project: anyName().Draw(t, "project"), Shared: rapid.Bool().Draw(t, "shared")}
		key, n := anyName().Draw(t, "key"), rapid.IntRange(1, 1<<40).Draw(t, "n")

		errs := []error{
			invalidInstance(s.Instance(key, n)),
			mismatch(s.Instance(key, n), regexp.MustCompile(fmt.Sprintf("-%d$", n))),
			mismatch(s.Network(key), ifaceName),
			mismatch(s.NamedNetwork(key), ifaceName),
			mismatch(s.Volume(key), apiName, fileName),
			mismatch(s.NamedVolume(key), apiName, fileName),
			mismatch(s.Image(key), imageName),
		}
		if project, err := s.IncusProject(); err == nil {
			errs = append(errs, mismatch(project, apiName, hostname, regexp.MustCompile(`[^_]`)))
			if project == "default" {
				t.Errorf("project %q would own Incus' default project", s.Project)
			}
		}
		if name, err := s.ContainerName(key); err == nil {
			errs = append(errs, invalidInstance(name))
		} else if !errors.Is(err, resource.ErrInvalidFormat) || resource.Hint(err) == "" {
			t.Errorf("refusing container_name %q: %v", key, err)
		}
		if err := errors.Join(errs...); err != nil {
			t.Errorf("%+v, %q: %v", s, key, err)
		}
	})
}

func TestSanitizeKeepsToItsLimitAndAlphabet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name, max := anyName().Draw(t, "name"), rapid.IntRange(0, 70).Draw(t, "max")
		got := naming.Sanitize(name, max)
		if len(got) > max || got != naming.Sanitize(got, max) {
			t.Fatalf("Sanitize(%q, %d) = %q", name, max, got)
		}
		if got != "" && !regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`).MatchString(got) {
			t.Fatalf("Sanitize(%q, %d) = %q", name, max, got)
		}
	})
}

func TestHashTellsPartsApart(t *testing.T) {
	t.Parallel()
	if got, want := naming.Hash(), "4oymiquy7qobjgx36tejs35zeqt24qpemsnzgtfeswmrw6csxbkq"; got != want {
		t.Errorf("Hash() = %q, want %q", got, want)
	}
	seen := map[string][]string{}
	for _, parts := range [][]string{nil, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"b", "a"}, {"a", "b", ""}, {"a\x00b"}} {
		h := naming.Hash(parts...)
		if !regexp.MustCompile(`^[a-z2-7]{52}$`).MatchString(h) {
			t.Errorf("Hash(%q) = %q", parts, h)
		}
		if other, ok := seen[h]; ok {
			t.Errorf("Hash(%q) = Hash(%q)", parts, other)
		}
		seen[h] = parts
	}
}

func TestRandStringHasItsLengthAndDoesNotRepeat(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for n := range 100 {
		if got := naming.RandString(n); len(got) != n || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz234567") != "" {
			t.Errorf("RandString(%d) = %q", n, got)
		}
		seen[naming.RandString(16)] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d of 100 random strings differ", len(seen))
	}
	if naming.RandString(-1) != "" {
		t.Error("a negative length gives characters")
	}
}

// The names are the only link between a compose file and what an earlier version of icc made on a server, so a change
// of this table strands users' volumes.
func TestNamesStayTheSame(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, s := range []naming.Scope{{"shop", false}, {"shop", true}, {"my-shop", false}, {"my-shop", true}, {"my_shop", false}, {"my_shop", true}, {"default", false}, {"a", false}} {
		project, err := s.IncusProject()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "project %q shared %v: %s\n", s.Project, s.Shared, project)
		for _, key := range []string{"db", "my-db", "my_db", "My.DB", "default", "2abcde", strings.Repeat("long-", 14)} {
			fmt.Fprintf(&b, "  %-20.20q instance %s  network %s  volume %s  image %s\n", key, s.Instance(key, 1), s.Network(key), s.Volume(key), s.Image(key))
		}
	}
	s := naming.Scope{Project: "shop"}
	for _, name := range []string{"br0", "edge.net", "all", "x", "a-network-of-many-letters", "über"} {
		fmt.Fprintf(&b, "named %q: network %s  volume %s\n", name, s.NamedNetwork(name), s.NamedVolume(name))
	}
	for _, name := range []string{"web", "My_Web.1", "_web", "42", "", strings.Repeat("x", 64)} {
		got, err := s.ContainerName(name)
		fmt.Fprintf(&b, "container_name %.12q: %s %v\n", name, got, err)
	}
	golden := filepath.Join("testdata", "names.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("names changed (-want +got):\n%s", diff)
	}
}

func TestAProjectNameWithoutLettersIsRefused(t *testing.T) {
	t.Parallel()
	_, err := naming.Scope{Project: "___"}.IncusProject()
	if !errors.Is(err, resource.ErrInvalidFormat) || resource.Hint(err) == "" {
		t.Errorf("got %v", err)
	}
}
