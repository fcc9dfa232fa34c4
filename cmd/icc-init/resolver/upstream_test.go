package resolver

import (
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// player is a server without a network, so that time can be a test's own. It does as do says, which is told how often it has
// been asked: neither an answer nor an error is silence.
type player struct {
	do    func(n int, question []byte) ([]byte, error)
	asked int
}

func (p *player) ask(question []byte, until time.Time) ([]byte, error) {
	p.asked++
	answer, err := p.do(p.asked, question)
	if answer == nil && err == nil {
		time.Sleep(time.Until(until))
		return nil, errSilent
	}
	return answer, err
}

func (p *player) close() {}

// plays returns a server that does so.
func plays(do func(n int, question []byte) ([]byte, error)) (*player, *upstream) {
	p := &player{do: do}
	return p, &upstream{open: func(address) (exchange, error) { return p, nil }, goneAfter: goneAfter}
}

// always answers every question so.
func always(code byte, text string) func(int, []byte) ([]byte, error) {
	return func(_ int, question []byte) ([]byte, error) { return reply(question, code, text), nil }
}

func refuses(int, []byte) ([]byte, error) { return nil, syscall.ECONNREFUSED }

func silent(int, []byte) ([]byte, error) { return nil, nil }

// expectAnswer asks the servers and checks what comes when.
func expectAnswer(t *testing.T, text string, least, most time.Duration, servers ...*upstream) {
	t.Helper()
	begin := time.Now()
	answer := ask(query(7, "web"), servers, patience)
	if took := time.Since(begin); textOf(answer) != text || idOf(answer) != 7 || took < least || took > most {
		t.Errorf("got %q after %v, want %q after %v to %v", textOf(answer), took, text, least, most)
	}
}

func TestAServerThatDeclinesCostsNoTime(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]byte{"it refuses": codeRefused, "it fails": codeFailed, "it is limited": codeNotImplemented} {
		synctest.Test(t, func(t *testing.T) {
			p, one := plays(always(code, "one"))
			_, two := plays(always(0, "two"))
			if expectAnswer(t, "two", 0, 0, one, two); p.asked != 1 {
				t.Errorf("%s: it was asked %d times", name, p.asked)
			}
		})
	}
}

func TestALostQuestionIsAskedAgainSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, one := plays(func(n int, question []byte) ([]byte, error) {
			if n == 1 {
				return nil, nil
			}
			return reply(question, 0, "again"), nil
		})
		expectAnswer(t, "again", firstWait, firstWait, one)
	})
}

func TestASilentServerHasItsTurnOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, one := plays(silent)
		_, two := plays(always(0, "two"))
		expectAnswer(t, "two", turn, turn, one, two)
		expectAnswer(t, "", patience, patience, one)
	})
}

func TestSilenceAfterARefusalIsOneToo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, one := plays(func(n int, question []byte) ([]byte, error) {
			switch {
			case n <= 4:
				return refuses(n, question)
			case n <= 7:
				return nil, nil
			}
			return reply(question, 0, "back"), nil
		})
		took := 4*refusedPause + 3*refusedWait
		expectAnswer(t, "back", took, took, one)
	})
}

func TestAServerThatIsGoneForGoodHoldsUpItsFirstQuestionsOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, one := plays(refuses)
		_, two := plays(always(0, "two"))
		expectAnswer(t, "two", goneAfter, goneAfter+2*refusedPause, one, two)
		expectAnswer(t, "two", 0, 0, one, two)
		p.do = silent // most refusals are not told
		expectAnswer(t, "two", goneWait, goneWait, one, two)
		p.do = always(0, "one")
		expectAnswer(t, "one", 0, 0, one, two)
		back := time.Now().Add(200 * time.Millisecond)
		p.do = func(n int, question []byte) ([]byte, error) {
			if time.Now().Before(back) {
				return refuses(n, question)
			}
			return reply(question, 0, "once more"), nil
		}
		expectAnswer(t, "once more", 200*time.Millisecond, 200*time.Millisecond+refusedPause, one, two)
	})
}
