package dnsmasq_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/plugins/network/dnsmasq"
)

func addrs(ss ...string) (out []netip.Addr) {
	for _, s := range ss {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

func TestLines(t *testing.T) {
	t.Parallel()
	web1 := dnsmasq.Entry{Names: []string{"shop-web-1", "web"}, Addrs: addrs("10.0.0.2", "fd00::2")}
	web2 := dnsmasq.Entry{Names: []string{"shop-web-2", "web"}, Addrs: addrs("10.0.0.3")}
	records := []string{
		"local=/shop-web-1/", "server=/*.shop-web-1/#",
		"local=/shop-web-2/", "server=/*.shop-web-2/#",
		"local=/web/", "server=/*.web/#",
		"host-record=shop-web-1,10.0.0.2,fd00::2", "host-record=web,10.0.0.2,fd00::2",
		"host-record=shop-web-2,10.0.0.3", "host-record=web,10.0.0.3",
	}
	tests := []struct {
		name    string
		entries []dnsmasq.Entry
		policy  dnsmasq.Policy
		want    []string
	}{
		{"every replica answers for its service", []dnsmasq.Entry{web1, web2}, dnsmasq.Policy{}, records},
		{"nobody on the network needs no lines", nil, dnsmasq.Policy{}, nil},
		{"unknown names are left to the next network", nil, dnsmasq.Policy{RefuseUnknown: true}, []string{"server=//255.255.255.255"}},
		{"an internal network asks nobody", nil, dnsmasq.Policy{NoForward: true}, []string{"no-resolv"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, dnsmasq.Lines(tt.entries, tt.policy)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSetBlock(t *testing.T) {
	t.Parallel()
	const block = "# icc shop begin\nlocal=/web/\n# icc shop end"
	tests := []struct {
		name, raw, want string
		lines           []string
	}{
		{"a network without anything gets the block", "", block, []string{"local=/web/"}},
		{"lines made by hand stay before it", "log-queries", "log-queries\n" + block, []string{"local=/web/"}},
		{
			"the block is replaced in place", "a\n# icc shop begin\nold\n# icc shop end\nb", "a\n" + block + "\nb",
			[]string{"local=/web/"},
		},
		{"without lines the block goes", "a\n" + block + "\nb", "a\nb", nil},
		{"the last block leaves nothing", block, "", nil},
		{
			"another project's block stays", "# icc other begin\nx\n# icc other end",
			"# icc other begin\nx\n# icc other end\n" + block, []string{"local=/web/"},
		},
		{"no block and no lines change nothing", "a\n", "a\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := dnsmasq.SetBlock(tt.raw, "shop", tt.lines)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.lines, dnsmasq.Block(got, "shop")); diff != "" {
				t.Errorf("the block reads back differently: %s", diff)
			}
		})
	}
}

func TestProjectsNeverTouchEachOthersLines(t *testing.T) {
	t.Parallel()
	line := rapid.StringMatching(`[a-z#=/,.0-9 ]{0,20}`)
	rapid.Check(t, func(t *rapid.T) {
		byHand := rapid.SliceOfN(line, 0, 5).Draw(t, "by hand")
		raw := strings.Join(byHand, "\n")
		blocks := map[string][]string{}
		for range rapid.IntRange(1, 12).Draw(t, "writes") {
			project := rapid.SampledFrom([]string{"a", "b", "a-b"}).Draw(t, "project")
			blocks[project] = rapid.SliceOfN(line, 0, 3).Draw(t, "lines")
			raw = dnsmasq.SetBlock(raw, project, blocks[project])
			if again := dnsmasq.SetBlock(raw, project, blocks[project]); again != raw {
				t.Fatalf("writing the same again made %q of %q", again, raw)
			}
		}
		for project, want := range blocks {
			if got := dnsmasq.Block(raw, project); !slices.Equal(got, want) {
				t.Fatalf("%s reads %q, wrote %q in %q", project, got, want, raw)
			}
			raw = dnsmasq.SetBlock(raw, project, nil)
		}
		if want := strings.Join(byHand, "\n"); strings.Trim(raw, "\n") != strings.Trim(want, "\n") {
			t.Fatalf("what was made by hand is %q, was %q", raw, want)
		}
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	raw := strings.Join([]string{
		"# host-record=comment,10.0.0.9", "local=/web/", "host-record=shop-web-1,web,10.0.0.2,fd00::2,3600",
		" host-record = web,10.0.0.3", "address=/db/Cache/10.0.0.4", "cname=alias,web", "host-record=web,10.0.0.3", "server=/x/10.0.0.5",
	}, "\n")
	want := map[string][]string{
		"shop-web-1": {"10.0.0.2", "fd00::2"}, "web": {"10.0.0.2", "fd00::2", "10.0.0.3"},
		"db": {"10.0.0.4"}, "cache": {"10.0.0.4"},
	}
	if diff := cmp.Diff(want, dnsmasq.Parse(raw)); diff != "" {
		t.Error(diff)
	}
}

func TestSetNames(t *testing.T) {
	t.Parallel()
	before := dnsmasq.Lines([]dnsmasq.Entry{
		{Names: []string{"shop-web-1", "web"}, Addrs: addrs("10.0.0.2")},
		{Names: []string{"shop-db-1", "db"}, Addrs: addrs("10.0.0.3")},
	}, dnsmasq.Policy{})
	after := dnsmasq.SetNames(before, []string{"web", "gone"}, map[string][]netip.Addr{"web": addrs("10.0.0.8", "10.0.0.9")})
	want := map[string][]string{
		"shop-web-1": {"10.0.0.2"}, "shop-db-1": {"10.0.0.3"}, "db": {"10.0.0.3"}, "web": {"10.0.0.8", "10.0.0.9"},
	}
	if diff := cmp.Diff(want, dnsmasq.Parse(strings.Join(after, "\n"))); diff != "" {
		t.Error(diff)
	}
	if n := strings.Count(strings.Join(after, "\n"), "local=/web/"); n != 1 {
		t.Errorf("web is declared local %d times: %q", n, after)
	}
	back := dnsmasq.SetNames(after, []string{"web"}, map[string][]netip.Addr{"web": addrs("10.0.0.2")})
	slices.Sort(back)
	slices.Sort(before)
	if diff := cmp.Diff(before, back); diff != "" {
		t.Errorf("setting the first addresses again: %s", diff)
	}
}

func TestValidName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"web": true, "my_app": true, "a.b": true, "Web-1": true, "": false, "a b": false, "a,10.0.0.1": false,
		"a\nserver=1": false, "a..b": false, "-a": false, "a/b": false, "10.0.0.1": false, strings.Repeat("a", 64): false, "*.a": false,
	} {
		if got := dnsmasq.ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v", name, got)
		}
	}
}
