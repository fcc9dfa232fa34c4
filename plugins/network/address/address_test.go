package address_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/plugins/network/address"
	"github.com/icc-project/icc/sdk/resource"
)

func ip(s string) netip.Addr {
	if s == "" {
		return netip.Addr{}
	}
	return netip.MustParseAddr(s)
}

// pool24 is 10.1.2.0/24 as icc makes it: gateway .1, the top for DHCP.
func pool24() address.Pool {
	subnet := netip.MustParsePrefix("10.1.2.0/24")
	return address.Pool{Subnet: subnet, Gateway: ip("10.1.2.1"), DHCP: address.DHCPBlock(subnet, nil)}
}

func TestAllocate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(*address.Pool)
		reqs []address.Request
		want map[string]string
		fail string
	}{
		{
			name: "the lowest free addresses go out in order",
			reqs: []address.Request{{Key: "b"}, {Key: "a"}},
			want: map[string]string{"b": "10.1.2.2", "a": "10.1.2.3"},
		},
		{
			name: "a wanted address is kept free for the one who wants it",
			reqs: []address.Request{{Key: "a"}, {Key: "b", Wanted: ip("10.1.2.2")}},
			want: map[string]string{"a": "10.1.2.3", "b": "10.1.2.2"},
		},
		{
			name: "what was given before stays when others come and go",
			reqs: []address.Request{{Key: "new"}, {Key: "old", Kept: ip("10.1.2.9")}},
			want: map[string]string{"new": "10.1.2.2", "old": "10.1.2.9"},
		},
		{
			name: "what was given before yields to one who wants it",
			reqs: []address.Request{{Key: "old", Kept: ip("10.1.2.9")}, {Key: "boss", Wanted: ip("10.1.2.9")}},
			want: map[string]string{"old": "10.1.2.2", "boss": "10.1.2.9"},
		},
		{
			name: "what is wanted now counts more than what was given before",
			reqs: []address.Request{{Key: "a", Wanted: ip("10.1.2.7"), Kept: ip("10.1.2.9")}, {Key: "b", Kept: ip("10.1.2.9")}},
			want: map[string]string{"a": "10.1.2.7", "b": "10.1.2.9"},
		},
		{
			name: "an address of a former subnet is replaced",
			reqs: []address.Request{{Key: "a", Kept: ip("10.9.9.9")}},
			want: map[string]string{"a": "10.1.2.2"},
		},
		{
			name: "others' addresses are passed over",
			edit: func(p *address.Pool) { p.Taken = map[netip.Addr]bool{ip("10.1.2.2"): true} },
			reqs: []address.Request{{Key: "a"}},
			want: map[string]string{"a": "10.1.2.3"},
		},
		{
			name: "an ip_range bounds what is handed out but not what is wanted",
			edit: func(p *address.Pool) { p.Within = netip.MustParsePrefix("10.1.2.128/25") },
			reqs: []address.Request{{Key: "a"}, {Key: "b", Wanted: ip("10.1.2.7")}},
			want: map[string]string{"a": "10.1.2.128", "b": "10.1.2.7"},
		},
		{
			name: "an address in the DHCP block can be wanted",
			reqs: []address.Request{{Key: "a", Wanted: ip("10.1.2.250")}},
			want: map[string]string{"a": "10.1.2.250"},
		},
		{
			name: "an address outside the subnet is refused",
			reqs: []address.Request{{Key: "a", Wanted: ip("10.1.3.2")}},
			fail: "address 10.1.3.2 of a is outside the subnet 10.1.2.0/24",
		},
		{
			name: "two cannot want the same address",
			reqs: []address.Request{{Key: "a", Wanted: ip("10.1.2.5")}, {Key: "b", Wanted: ip("10.1.2.5")}},
			fail: "address 10.1.2.5 of b is also the address of a",
		},
		{
			name: "the gateway's address is refused",
			reqs: []address.Request{{Key: "a", Wanted: ip("10.1.2.1")}},
			fail: "address 10.1.2.1 of a is the network's own address",
		},
		{
			name: "the broadcast address is refused",
			reqs: []address.Request{{Key: "a", Wanted: ip("10.1.2.255")}},
			fail: "address 10.1.2.255 of a stands for the whole subnet 10.1.2.0/24",
		},
		{
			name: "somebody else's address is refused",
			edit: func(p *address.Pool) { p.Taken = map[netip.Addr]bool{ip("10.1.2.5"): true} },
			reqs: []address.Request{{Key: "a", Wanted: ip("10.1.2.5")}},
			fail: "address 10.1.2.5 of a is taken by somebody else",
		},
		{
			name: "a full subnet says so",
			edit: func(p *address.Pool) {
				p.Subnet = netip.MustParsePrefix("10.1.2.0/29")
				p.DHCP = address.DHCPBlock(p.Subnet, nil)
			},
			reqs: []address.Request{{Key: "a"}, {Key: "b"}, {Key: "c"}, {Key: "d"}, {Key: "e"}},
			fail: "no free address in 10.1.2.0/29 for e: 5 instances are to be on the network",
		},
		{
			name: "IPv6 works alike",
			edit: func(p *address.Pool) {
				*p = address.Pool{Subnet: netip.MustParsePrefix("fd00::/64"), Gateway: ip("fd00::1")}
			},
			reqs: []address.Request{{Key: "a"}, {Key: "b", Wanted: ip("fd00::2")}},
			want: map[string]string{"a": "fd00::3", "b": "fd00::2"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := pool24()
			if tt.edit != nil {
				tt.edit(&p)
			}
			given, err := address.Allocate(p, tt.reqs)
			if tt.fail != "" {
				if !errors.Is(err, resource.ErrConfig) || err.Error() != tt.fail || resource.Hint(err) == "" {
					t.Fatalf("got %v (hint %q), want %s with a hint", err, resource.Hint(err), tt.fail)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for k, a := range given {
				got[k] = a.String()
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// scenario draws a pool and requests that mostly can be satisfied.
func scenario(t *rapid.T) (address.Pool, []address.Request) {
	bits := rapid.IntRange(22, 30).Draw(t, "bits")
	subnet := netip.PrefixFrom(ip("10.1.0.0"), bits).Masked()
	p := address.Pool{Subnet: subnet, Gateway: address.Gateway(subnet), Taken: map[netip.Addr]bool{}}
	p.DHCP = address.DHCPBlock(subnet, nil)
	inside := rapid.Custom(func(t *rapid.T) netip.Addr {
		n := rapid.IntRange(0, 1<<(32-bits)-1).Draw(t, "host")
		return netip.AddrFrom4([4]byte{10, 1, byte(n >> 8), byte(n)})
	})
	for _, a := range rapid.SliceOfN(inside, 0, 4).Draw(t, "taken") {
		p.Taken[a] = true
	}
	var reqs []address.Request
	for i := range rapid.IntRange(0, 40).Draw(t, "instances") {
		r := address.Request{Key: fmt.Sprintf("i%d", i)}
		switch rapid.IntRange(0, 5).Draw(t, "sort") {
		case 0:
			r.Wanted = inside.Draw(t, "wanted")
		case 1, 2:
			r.Kept = inside.Draw(t, "kept")
		}
		reqs = append(reqs, r)
	}
	return p, reqs
}

func TestAllocationsNeverClash(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, reqs := scenario(t)
		given, err := address.Allocate(p, reqs)
		if err != nil {
			return
		}
		seen := map[netip.Addr]string{}
		for _, r := range reqs {
			a := given[r.Key]
			switch {
			case !p.Subnet.Contains(a) || a == p.Gateway || a == p.Subnet.Addr() || p.Taken[a]:
				t.Fatalf("%s got %s of %+v", r.Key, a, p)
			case seen[a] != "":
				t.Fatalf("%s and %s both got %s", r.Key, seen[a], a)
			case r.Wanted.IsValid() && a != r.Wanted:
				t.Fatalf("%s wanted %s and got %s", r.Key, r.Wanted, a)
			}
			for _, d := range p.DHCP {
				if !r.Wanted.IsValid() && d.Contains(a) {
					t.Fatalf("%s got %s, which is DHCP's %s", r.Key, a, d)
				}
			}
			seen[a] = r.Key
		}
	})
}

func TestAddressesStayOverRunsAndScaling(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, reqs := scenario(t)
		first, err := address.Allocate(p, reqs)
		if err != nil {
			return
		}
		var next []address.Request // some leave, the others are asked in another order, one comes
		for _, r := range rapid.Permutation(reqs).Draw(t, "order") {
			if rapid.Bool().Draw(t, "stays") {
				r.Kept = first[r.Key]
				next = append(next, r)
			}
		}
		second, err := address.Allocate(p, append([]address.Request{{Key: "new"}}, next...))
		if err != nil {
			return // the newcomer found no room
		}
		for _, r := range next {
			if second[r.Key] != first[r.Key] {
				t.Fatalf("%s moved from %s to %s", r.Key, first[r.Key], second[r.Key])
			}
		}
	})
}

func TestDHCPBlock(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, subnet, except, want string }{
		{"a /24 leaves its last 15 addresses", "10.1.2.0/24", "", "10.1.2.240-10.1.2.254"},
		{"a /16 leaves no more than 16", "10.1.0.0/16", "", "10.1.255.239-10.1.255.254"},
		{"a /29 leaves one", "10.1.2.0/29", "", "10.1.2.6-10.1.2.6"},
		{"a /30 has no room for it", "10.1.2.0/30", "", ""},
		{"wanted addresses are cut out", "10.1.2.0/24", "10.1.2.250", "10.1.2.251-10.1.2.254,10.1.2.240-10.1.2.249"},
		{"IPv6 guests make their own", "fd00::/64", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			except := map[netip.Addr]bool{}
			if tt.except != "" {
				except[ip(tt.except)] = true
			}
			block := address.DHCPBlock(netip.MustParsePrefix(tt.subnet), except)
			if got := address.FormatRanges(block); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			back, err := address.ParseRanges(tt.want)
			if err != nil || !cmp.Equal(address.FormatRanges(back), tt.want) {
				t.Errorf("%q reads back as %v, %v", tt.want, back, err)
			}
		})
	}
}

func TestParseRangesRefusesRubbish(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"10.0.0.1", "10.0.0.9-10.0.0.1", "a-b", "10.0.0.1-fd00::1"} {
		if r, err := address.ParseRanges(s); err == nil {
			t.Errorf("%q was read as %v", s, r)
		}
	}
}

func TestSubnetsAvoidWhatIsUsed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(16, 28).Draw(t, "bits")
		used := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/9"), netip.MustParsePrefix("192.168.1.0/24")}
		seed := rapid.String().Draw(t, "seed")
		for p := range address.Subnets(seed, bits, used) {
			if p.Bits() != bits || p.Masked() != p || !p.Addr().IsPrivate() || p.Overlaps(used[0]) || p.Overlaps(used[1]) {
				t.Fatalf("%s is no free private /%d", p, bits)
			}
			return
		}
		t.Fatal("no subnet at all")
	})
}

func TestSubnetsGoOnWhereASpaceIsFull(t *testing.T) {
	t.Parallel()
	used := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")} // a VPN's route
	for p := range address.Subnets("shop/front", 24, used) {
		if !strings.HasPrefix(p.String(), "172.") {
			t.Errorf("got %s", p)
		}
		return
	}
	t.Error("no subnet at all")
}

func TestSubnetsAreTheSameForTheSameNetwork(t *testing.T) {
	t.Parallel()
	first := func(seed string) (out netip.Prefix) {
		for p := range address.Subnets(seed, 24, nil) {
			return p
		}
		return out
	}
	front, again, back := first("shop/front"), first("shop/front"), first("shop/back")
	if front != again || front == back {
		t.Errorf("got %s, %s and %s", front, again, back)
	}
}

func TestBitsGrowWithTheNumberOfInstances(t *testing.T) {
	t.Parallel()
	for instances, want := range map[int]int{0: 24, 200: 24, 201: 23, 500: 22, 5000: 19} {
		if got := address.Bits(instances); got != want {
			t.Errorf("%d instances get a /%d, want /%d", instances, got, want)
		}
	}
}
