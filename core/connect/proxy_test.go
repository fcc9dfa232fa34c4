package connect

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"
)

func TestTheProxyListensWhereOnlyItsUserCanReachIt(t *testing.T) {
	t.Parallel()
	c := overTLS(t, newFake()).open(t)
	for path, want := range map[string]os.FileMode{c.Socket(): 0o600, filepath.Dir(c.Socket()): 0o700} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, want %v (%v)", path, info.Mode().Perm(), want, err)
		}
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(c.Socket())); !os.IsNotExist(err) {
		t.Errorf("the directory is still there: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func TestConnectionsToTheServerAreUsedAgain(t *testing.T) {
	t.Parallel()
	r := overTLS(t, newFake())
	lane := throughRelay(t, r)
	c := r.open(t)
	for range 20 {
		if _, _, err := c.Server().GetServer(); err != nil {
			t.Fatal(err)
		}
	}
	if n := lane.connections(); n > 3 { // one for each question that is asked when it is opened, all at the same time
		t.Errorf("there were %d connections", n)
	}
}

// throughRelay puts a relay between the configuration's remote and its server.
func throughRelay(t testing.TB, r *remote) *relay {
	t.Helper()
	lane := newRelay(t, func() (net.Conn, error) { return net.Dial("tcp", r.server.Listener.Addr().String()) })
	far := r.config.Remotes["far"]
	far.Addr = (&url.URL{Scheme: "https", Host: lane.address}).String()
	r.config.Remotes["far"] = far
	return lane
}

func TestRequestsSurviveCutConnections(t *testing.T) {
	t.Parallel()
	r := overTLS(t, newFake())
	lane := throughRelay(t, r)
	c := r.open(t)
	small := bytes.Repeat([]byte("x"), 1000)
	for i := range 20 {
		lane.cut()
		if _, _, err := c.Server().GetServer(); err != nil {
			t.Fatalf("reading after cut %d: %v", i, err)
		}
		lane.cut()
		resp, err := unixClient(c.Socket()).Post("http://unix.socket/1.0/images", "application/json", bytes.NewReader(small))
		if err != nil {
			t.Fatalf("writing after cut %d: %v", i, err)
		}
		said, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != 200 || r.uploaded.Load() != int64(len(small)) {
			t.Fatalf("writing after cut %d: %s: %s", i, resp.Status, said)
		}
	}
}

func TestAnUnreachableServerIsAnIncusError(t *testing.T) {
	t.Parallel()
	r := overTLS(t, newFake())
	c := r.open(t)
	r.server.Close()
	_, _, err := c.Server().GetServer()
	if !api.StatusErrorCheck(err, http.StatusBadGateway) || !strings.Contains(err.Error(), "connection to the Incus server far (https://") {
		t.Errorf("want a bad gateway that names the server, got %v", err)
	}
}

func TestUpgradedConnectionsCarryBytesBothWays(t *testing.T) {
	t.Parallel()
	r := overTLS(t, newFake())
	lane := throughRelay(t, r)
	c := r.open(t)
	var wg sync.WaitGroup
	for i := range 8 {
		conn, reader := upgrade(t, c.Socket(), "/1.0/echo")
		wg.Go(func() {
			for n := range 50 {
				line := fmt.Sprintf("%d-%d\n", i, n)
				if _, err := io.WriteString(conn, line); err != nil {
					t.Error(err)
				}
				if got, err := reader.ReadString('\n'); err != nil || got != line {
					t.Errorf("got %q, %v, want %q", got, err, line)
				}
			}
		})
	}
	wg.Wait()

	conn, reader := upgrade(t, c.Socket(), "/1.0/echo")
	lane.cut()
	expectEnd(t, conn, reader, "a cut connection")
	conn, reader = upgrade(t, c.Socket(), "/1.0/echo")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	expectEnd(t, conn, reader, "a closed proxy")
}

func expectEnd(t *testing.T, conn net.Conn, reader *bufio.Reader, what string) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := reader.ReadByte(); err == nil || os.IsTimeout(err) {
		t.Errorf("%s does not end the stream: %v", what, err)
	}
}

func TestAnswersArriveAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	f := newFake()
	c := overTLS(t, f).open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://unix.socket/1.0/drip", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := unixClient(c.Socket()).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewReader(resp.Body)
	if _, err := lines.ReadString('\n'); err != nil { // the second is not written before
		t.Errorf("the first line does not arrive: %v", err)
	}
	close(f.drip)
	if rest, err := io.ReadAll(lines); err != nil || string(rest) != "1\n2\n" {
		t.Errorf("then came %q, %v", rest, err)
	}
}

func TestABigUploadIsNotHeldInMemory(t *testing.T) {
	r := overTLS(t, newFake()) // alone, because it looks at the memory of the process
	c := r.open(t)
	const size = 256 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	body := io.LimitReader(zeros{}, size)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://unix.socket/1.0/images", body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = size
	resp, err := unixClient(c.Socket()).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var answer struct{ Metadata int64 }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Metadata != size {
		t.Errorf("the server got %d bytes (%v)", answer.Metadata, err)
	}
	runtime.ReadMemStats(&after)
	if grown := int64(after.TotalAlloc - before.TotalAlloc); grown > size/4 {
		t.Errorf("%d MiB were allocated for it", grown>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestATooLongRuntimeDirectoryIsExplained(t *testing.T) {
	t.Parallel()
	r := overTLS(t, newFake())
	long := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.MkdirAll(long, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := openWith(t.Context(), r.config, Options{Remote: "far", RuntimeDir: long})
	expect(t, err, "connection-failed", "too long", "XDG_RUNTIME_DIR")
	if left, _ := os.ReadDir(long); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestARuntimeDirectoryThatCannotBeUsedIsReplaced(t *testing.T) {
	ours := t.TempDir()
	for dir, want := range map[string]string{"": os.TempDir(), ours: ours, filepath.Join(ours, "gone"): os.TempDir()} {
		t.Setenv("XDG_RUNTIME_DIR", dir)
		if got := runtimeParent(""); got != want {
			t.Errorf("XDG_RUNTIME_DIR=%s gives %s, want %s", dir, got, want)
		}
	}
	if got := runtimeParent("/chosen"); got != "/chosen" {
		t.Errorf("the chosen directory becomes %s", got)
	}
}
