package prepare

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExtraHostsAreExchangedAndNothingElse(t *testing.T) {
	t.Parallel()
	const old = "127.0.0.1 localhost\n10.0.0.2\tweb\n10.0.0.9\tdb\n10.0.0.8\tcache\n10.9.9.9\tby-hand"
	for name, tc := range map[string]struct {
		before, after []string
		want          string
	}{
		"another address":      {[]string{"db=10.0.0.9", "cache=10.0.0.8"}, []string{"db=10.0.0.7", "cache=10.0.0.8"}, "127.0.0.1 localhost\n10.0.0.2\tweb\n10.9.9.9\tby-hand\n10.0.0.7\tdb\n10.0.0.8\tcache\n"},
		"none any more":        {[]string{"db=10.0.0.9", "cache=10.0.0.8"}, nil, "127.0.0.1 localhost\n10.0.0.2\tweb\n10.9.9.9\tby-hand\n"},
		"the host":             {[]string{"db=10.0.0.9", "cache=10.0.0.8"}, []string{"host=host-gateway"}, "127.0.0.1 localhost\n10.0.0.2\tweb\n10.9.9.9\tby-hand\n10.0.0.1\thost\n"},
		"what is there once":   {nil, []string{"cache=10.0.0.8"}, "127.0.0.1 localhost\n10.0.0.2\tweb\n10.0.0.9\tdb\n10.9.9.9\tby-hand\n10.0.0.8\tcache\n"},
		"what is not there":    {[]string{"nosuch=10.1.1.1"}, []string{"x=10.1.1.2"}, old + "\n10.1.1.2\tx\n"},
		"an address of Docker": {[]string{"db=10.0.0.9", "cache=10.0.0.8"}, []string{"v6=[fd00::9]"}, "127.0.0.1 localhost\n10.0.0.2\tweb\n10.9.9.9\tby-hand\nfd00::9\tv6\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, renewedHosts(old, tc.before, tc.after, "10.0.0.1")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestResolverOptionsAreExchangedAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		old           string
		before, after []string
		want          string
	}{
		"others instead": {"nameserver 1.1.1.1\noptions edns0 ndots:5\n", []string{"ndots:5"}, []string{"rotate"}, "nameserver 1.1.1.1\noptions edns0 rotate\n"},
		"none any more":  {"nameserver 1.1.1.1\noptions ndots:5", []string{"ndots:5"}, nil, "nameserver 1.1.1.1\n"},
		"the first ones": {"nameserver 1.1.1.1", nil, []string{"ndots:2", "rotate"}, "nameserver 1.1.1.1\noptions ndots:2 rotate\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, renewedResolver(tc.old, tc.before, tc.after)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFileIsOverwrittenWhereItIs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "hosts")
	if err := os.WriteFile(file, []byte("something long\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"short\n", "something longer than before\n"} {
		if err := overwrite(file, content); err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(file)
		if err != nil || !os.SameFile(before, after) {
			t.Fatalf("it is another file, %v", err)
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != content {
			t.Errorf("it has %q, %v", got, err)
		}
	}
}

func TestNameServersAreExchangedAndNothingElse(t *testing.T) {
	t.Parallel()
	const old = "search example.com\nnameserver 10.0.0.1\nnameserver 10.0.0.2\noptions edns0"
	for name, tc := range map[string]struct {
		servers []string
		want    string
	}{
		"as many as C libraries read": {[]string{"127.0.0.11", "10.0.0.1", "10.0.0.2", "10.0.0.3"}, "nameserver 127.0.0.11\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nsearch example.com\noptions edns0\n"},
		"one":                         {[]string{"10.0.0.9"}, "nameserver 10.0.0.9\nsearch example.com\noptions edns0\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, nameservers(old, tc.servers)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
