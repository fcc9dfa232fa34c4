package address

import (
	"fmt"
	"net/netip"

	"github.com/icc-project/icc/sdk/resource"
)

// Request asks for the address of one instance.
type Request struct {
	// Key names the instance.
	Key string
	// Wanted is the address it must have; invalid means any.
	Wanted netip.Addr
	// Kept is the address it was given before; invalid means none.
	Kept netip.Addr
}

// Allocate gives each request an address. What is wanted comes first and is an error when it cannot be; what was given
// before stays as long as it fits the pool; the rest gets the lowest free addresses in the order of the requests, so
// that equal calls give equal answers.
func Allocate(p Pool, reqs []Request) (map[string]netip.Addr, error) {
	a := allocation{pool: p, holder: make(map[netip.Addr]string), given: make(map[string]netip.Addr, len(reqs))}
	for _, r := range reqs {
		if err := a.want(r); err != nil {
			return nil, err
		}
	}
	for _, r := range reqs {
		a.keep(r)
	}
	next := p.window().Addr()
	for _, r := range reqs {
		if a.given[r.Key].IsValid() {
			continue
		}
		for p.window().Contains(next) && !a.available(next) {
			next = next.Next()
		}
		if !p.window().Contains(next) {
			return nil, exhausted(p, r, len(reqs))
		}
		a.give(r, next)
	}
	return a.given, nil
}

// allocation is one Allocate in progress.
type allocation struct {
	pool   Pool
	holder map[netip.Addr]string
	given  map[string]netip.Addr
}

func (a *allocation) give(r Request, addr netip.Addr) {
	a.given[r.Key] = addr
	a.holder[addr] = r.Key
}

func (a *allocation) available(addr netip.Addr) bool {
	return a.holder[addr] == "" && a.pool.free(addr)
}

// want gives a request the address it insists on.
func (a *allocation) want(r Request) error {
	if !r.Wanted.IsValid() {
		return nil
	}
	problem := a.pool.problem(r.Wanted)
	if other := a.holder[r.Wanted]; other != "" {
		problem = fmt.Sprintf("is also the address of %s", other)
	}
	if problem != "" {
		return resource.ErrConfig.WithText(fmt.Sprintf("address %s of %s %s", r.Wanted, r.Key, problem)).
			WithHint("choose another address in the compose file, or none: icc then finds a free one and keeps it")
	}
	a.give(r, r.Wanted)
	return nil
}

// keep gives a request what it had, if that is still possible.
func (a *allocation) keep(r Request) {
	if r.Wanted.IsValid() || !r.Kept.IsValid() || !a.available(r.Kept) {
		return
	}
	a.give(r, r.Kept)
}

func exhausted(p Pool, r Request, wanted int) error {
	return resource.ErrConfig.
		WithText(fmt.Sprintf("no free address in %s for %s: %d instances are to be on the network", p.window(), r.Key, wanted)).
		WithHint("give the network a larger subnet (ipam.config[].subnet, ip_range); an automatic one grows when the project is " +
			"removed and brought up again: `icc down`, then `icc up`")
}
