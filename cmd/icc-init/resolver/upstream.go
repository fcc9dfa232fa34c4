package resolver

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// firstWait and laterWait are how long an answer may take before the question is sent again.
	firstWait = 300 * time.Millisecond
	laterWait = time.Second
	// refusedWait is how long when the server has refused within restarting: most refusals are not told, because the kernel
	// rations them.
	refusedWait = 50 * time.Millisecond
	restarting  = 1500 * time.Millisecond
	// refusedPause is the time between a refusal and the next try.
	refusedPause = 25 * time.Millisecond
	// One that refuses for goneAfter is gone until it answers again, and nobody waits longer for it than goneWait.
	goneAfter = 3 * time.Second
	goneWait  = 200 * time.Millisecond
)

// errSilent says that a server has not answered in time.
var errSilent = errors.New("no answer")

// upstream is a server that is asked, over one of the two transports.
type upstream struct {
	at   address
	open func(address) (exchange, error)
	// goneAfter is how long it may refuse until it is gone.
	goneAfter time.Duration

	refused atomic.Int64 // when it has last refused, in nanoseconds of Unix
	gone    atomic.Bool
}

// exchange sends questions to a server, each with the time by which the answer has to be there.
type exchange interface {
	ask(question []byte, until time.Time) ([]byte, error)
	close()
}

// upstreams returns the servers by packets and by streams; what is no address is left out.
func upstreams(servers []string, port int, goneAfter time.Duration) (datagrams, streams []*upstream) {
	for _, s := range servers {
		at, ok := parseAddress(s, port)
		if !ok {
			continue
		}
		datagrams = append(datagrams, &upstream{at: at, open: newDatagrams, goneAfter: goneAfter})
		streams = append(streams, &upstream{at: at, open: newStreams, goneAfter: goneAfter})
	}
	return datagrams, streams
}

// ask returns the answer to the question. A server that is silent has its turn only; one that refuses is just being started
// anew, so it is waited for. After any error but errSilent there is no use in asking it this question again.
func (u *upstream) ask(question []byte, until time.Time, turn time.Duration) ([]byte, error) {
	to, err := u.open(u.at)
	if err != nil {
		return nil, err
	}
	defer to.close()
	own := withID(question, uint16(rand.Uint32()))
	gone := u.gone.Load()
	if gone {
		turn = goneWait
	}
	var first time.Time // refusal
	end := earlier(until, time.Now().Add(turn))
	for wait := firstWait; time.Now().Before(end); wait = laterWait {
		if u.restarting() {
			wait = refusedWait
		}
		reply, err := to.ask(own, earlier(end, time.Now().Add(wait)))
		switch {
		case err == nil:
			u.gone.Store(false)
			u.refused.Store(0)
			return withID(reply, idOf(question)), nil
		case errors.Is(err, syscall.ECONNREFUSED) && !gone:
			now := time.Now()
			u.refused.Store(now.UnixNano())
			if first.IsZero() {
				first = now
			}
			end = earlier(until, now.Add(turn))
			time.Sleep(min(refusedPause, time.Until(end)))
		case !errors.Is(err, errSilent):
			return nil, err
		}
		if !first.IsZero() && time.Since(first) >= u.goneAfter && u.restarting() {
			u.gone.Store(true)
			return nil, syscall.ECONNREFUSED
		}
	}
	if gone {
		return nil, syscall.ECONNREFUSED
	}
	return nil, errSilent
}

// restarting says whether it has refused just now, so that silence means another refusal.
func (u *upstream) restarting() bool {
	return time.Since(time.Unix(0, u.refused.Load())) < restarting
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
