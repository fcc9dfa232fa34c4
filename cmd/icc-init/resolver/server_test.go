package resolver

import (
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAnswersComeFromTheFirstServerThatHasOne(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		servers []func([]byte) []byte
		code    byte
		text    string
	}{
		"the only one":                       {[]func([]byte) []byte{says(0, "one")}, 0, "one"},
		"the first of two":                   {[]func([]byte) []byte{says(0, "one"), says(0, "two")}, 0, "one"},
		"no such name is an answer":          {[]func([]byte) []byte{says(3, "one"), says(0, "two")}, 3, "one"},
		"the next when the first refuses":    {[]func([]byte) []byte{says(codeRefused, "one"), says(0, "two")}, 0, "two"},
		"the next when the first fails":      {[]func([]byte) []byte{says(codeFailed, "one"), says(0, "two")}, 0, "two"},
		"the next when the first is limited": {[]func([]byte) []byte{says(codeNotImplemented, "one"), says(0, "two")}, 0, "two"},
		"the last refusal when none answers": {[]func([]byte) []byte{says(codeRefused, "one"), says(codeFailed, "two")}, codeFailed, "two"},
		"the fourth":                         {[]func([]byte) []byte{says(codeRefused, ""), says(codeRefused, ""), says(codeRefused, ""), says(0, "four")}, 0, "four"},
		"nobody":                             {nil, codeFailed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			for i, do := range tc.servers {
				serve(t, i+1, port, do)
			}
			answer, _ := start(t, port, len(tc.servers)).ask(query(4711, "web"))
			if idOf(answer) != 4711 || answer[3]&maskCode != tc.code || textOf(answer) != tc.text {
				t.Errorf("got %x (code %d, %q)", answer, answer[3]&maskCode, textOf(answer))
			}
		})
	}
}

func TestAServerThatIsStartedAnewIsWaitedFor(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]func([]byte) []byte{
		"alone": nil, "when the other one knows nothing": says(codeRefused, "unknown"), "when the other one denies the name": says(3, "no such name"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port, servers := freePort(t), 1
			if other != nil {
				serve(t, 2, port, other)
				servers = 2
			}
			c := start(t, port, servers)
			time.AfterFunc(200*time.Millisecond, func() { serve(t, 1, port, says(0, "back")) })
			if answer, took := c.ask(query(1, "web")); textOf(answer) != "back" {
				t.Errorf("got %q after %v", textOf(answer), took)
			}
		})
	}
}

func TestTheLastServerIsWaitedForBeforeTheAnswerThatNobodyKnows(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	serve(t, 1, port, says(codeRefused, "unknown"))
	c := start(t, port, 2)
	time.AfterFunc(200*time.Millisecond, func() { serve(t, 2, port, says(0, "back")) })
	if answer, took := c.ask(query(1, "web")); textOf(answer) != "back" {
		t.Errorf("got %q after %v", textOf(answer), took)
	}
}

func TestALostQuestionIsAskedAgain(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	var asked atomic.Int32
	serve(t, 1, port, func(q []byte) []byte {
		if asked.Add(1) == 1 {
			return nil
		}
		return reply(q, 0, "again")
	})
	if answer, took := start(t, port, 1).ask(query(1, "web")); textOf(answer) != "again" {
		t.Errorf("got %q after %v", textOf(answer), took)
	}
}

func TestALateAnswerToTheFirstTryCounts(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	var asked atomic.Int32
	serve(t, 1, port, func(q []byte) []byte {
		if asked.Add(1) > 1 {
			return nil
		}
		time.Sleep(firstWait + 200*time.Millisecond)
		return reply(q, 0, "late")
	})
	if answer, took := start(t, port, 1).ask(query(1, "web")); textOf(answer) != "late" {
		t.Errorf("got %q after %v", textOf(answer), took)
	}
}

func TestWhatIsNotTheAnswerIsNotPassedOn(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]func(q []byte) []byte{
		"another id":       func(q []byte) []byte { return withID(reply(q, 0, "wrong"), idOf(q)+1) },
		"another name":     func(q []byte) []byte { return reply(query(idOf(q), "xyz"), 0, "wrong") },
		"a question":       func(q []byte) []byte { return append(q, "wrong"...) },
		"a stump":          func(q []byte) []byte { return q[:5] },
		"an empty packet":  func([]byte) []byte { return []byte{} },
		"a broken message": func(q []byte) []byte { return append(reply(q, 0, "")[:headerSize], 255, 1, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			port := freePort(t)
			var asked atomic.Int32
			serve(t, 1, port, func(q []byte) []byte {
				if asked.Add(1) == 1 {
					return wrong(q)
				}
				return reply(q, 0, "right")
			})
			if answer, _ := start(t, port, 1).ask(query(1, "web")); textOf(answer) != "right" {
				t.Errorf("got %x", answer)
			}
		})
	}
}

func TestIDsAndPortsAreNotTheClients(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	var mu sync.Mutex
	ids := map[uint16]bool{}
	serve(t, 1, port, func(q []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		ids[idOf(q)] = true
		return reply(q, 0, "")
	})
	c := start(t, port, 1)
	for range 50 {
		if answer, _ := c.ask(query(7, "web")); idOf(answer) != 7 {
			t.Fatalf("got %x", answer)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(ids) < 45 {
		t.Errorf("50 questions have %d ids", len(ids))
	}
}

func TestLongAnswersComeByConnection(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	long := strings.Repeat("x", 60_000)
	serve(t, 1, port, func(q []byte) []byte {
		if strings.Contains(string(q), "big") {
			return reply(q, 0, long)
		}
		r := reply(q, 0, "")
		r[2] |= 2 // truncated
		return r
	})
	serveStream(t, 1, port, says(codeRefused, ""))
	serveStream(t, 2, port, says(0, long))
	c := start(t, port, 2)
	if answer, _ := c.ask(query(1, "web")); answer[2]&2 == 0 {
		t.Errorf("got %x", answer)
	}
	if answer, _ := c.ask(query(1, "big")); textOf(answer) != long {
		t.Errorf("got %d bytes", len(answer))
	}
	conn, err := net.Dial("tcp", net.JoinHostPort(Address, strconv.Itoa(c.port)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for id := range uint16(3) {
		if err := writeMessage(conn, query(id, "web")); err != nil {
			t.Fatal(err)
		}
		if answer, err := readMessage(conn); err != nil || idOf(answer) != id || textOf(answer) != long {
			t.Errorf("got %d bytes, %v", len(answer), err)
		}
	}
}

func TestAConnectionIsTriedAgainToo(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	c := start(t, port, 1)
	time.AfterFunc(200*time.Millisecond, func() { serveStream(t, 1, port, says(0, "back")) })
	conn, err := net.Dial("tcp", net.JoinHostPort(Address, strconv.Itoa(c.port)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := writeMessage(conn, query(5, "web")); err != nil {
		t.Fatal(err)
	}
	if answer, err := readMessage(conn); err != nil || textOf(answer) != "back" {
		t.Errorf("got %x, %v", answer, err)
	}
}

// It counts goroutines, and makes the kernel ration refusals, on which others depend: so it runs alone.
func TestABurstThroughARestartIsAnsweredWithBoundedMeans(t *testing.T) {
	port := freePort(t)
	end := serve(t, 1, port, says(0, "before"))
	c := start(t, port, 1)
	c.ask(query(1, "web"))
	end()
	time.AfterFunc(150*time.Millisecond, func() { serve(t, 1, port, says(0, "after")) })
	var wg sync.WaitGroup
	var bad atomic.Int32
	for i := range 2000 {
		wg.Go(func() {
			if answer, err := c.insist(query(uint16(i), "web")); err != nil || idOf(answer) != uint16(i) || textOf(answer) != "after" {
				bad.Add(1)
				t.Logf("got %q, %v", answer, err)
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	if n := runtime.NumGoroutine(); n > 2000+maxQuestions+500 {
		t.Errorf("there are %d goroutines", n)
	}
	wg.Wait()
	if bad.Load() > 0 {
		t.Errorf("%d of 2000 questions have failed", bad.Load())
	}
}

func TestTheServersChange(t *testing.T) {
	t.Parallel()
	port, own := freePort(t), freePort(t)
	serve(t, 1, port, says(0, "one"))
	serve(t, 2, port, says(0, "two"))
	s, err := listen(own, port, long, long, []string{"127.0.1.1"})
	if err != nil {
		t.Fatal(err)
	}
	c := client{t, own}
	for _, want := range []string{"one", "two"} {
		if answer, _ := c.ask(query(1, "web")); textOf(answer) != want {
			t.Errorf("got %q, want %q", textOf(answer), want)
		}
		s.Use([]string{"not an address", "127.0.1.2"})
	}
	if _, err := listen(own, port, long, long, nil); err == nil {
		t.Error("two listen at the same address")
	}
	s.Close()
	again, err := listen(own, port, long, long, []string{"127.0.1.1"})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if answer, _ := c.ask(query(1, "web")); textOf(answer) != "one" {
		t.Errorf("the next one says %q", textOf(answer))
	}
}
