package attach_test

import (
	"io"
	"os"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/icc-project/icc/cmd/icc-init/attach"
)

// openTerminal returns both sides of a terminal.
func openTerminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close(); slave.Close() })
	return master, slave
}

func TestTheTerminalHasTheClientsSize(t *testing.T) {
	t.Parallel()
	hub := attach.NewHub()
	a := join(t, hub, nil, attach.Size{Rows: 33, Cols: 99})
	master, slave := openTerminal(t)
	hub.Terminal(master)
	if got, err := attach.TerminalSize(slave); err != nil || got != (attach.Size{Rows: 33, Cols: 99}) {
		t.Fatalf("at the start it is %v, %v", got, err)
	}
	if err := a.Resize(attach.Size{Rows: 5, Cols: 6}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the new size", func() bool {
		got, err := attach.TerminalSize(slave)
		return err == nil && got == attach.Size{Rows: 5, Cols: 6}
	})
	hub.End(t.Context(), 0, time.Minute)
	wait(t, "the code", a.code)
}

func TestARawTerminalPassesEveryKeyOn(t *testing.T) {
	t.Parallel()
	master, slave := openTerminal(t)
	restore, err := attach.Raw(slave)
	if err != nil {
		t.Fatal(err)
	}
	const keys = "\x03\x04\r\x11\x13\x1a\x1c"
	io.WriteString(master, keys)
	got := make([]byte, len(keys))
	if _, err := io.ReadFull(slave, got); err != nil || string(got) != keys {
		t.Fatalf("read %q, %v", got, err)
	}
	restore()
	io.WriteString(master, "a\r")
	n, err := slave.Read(got)
	if err != nil || string(got[:n]) != "a\n" {
		t.Errorf("restored, it reads %q, %v", got[:n], err)
	}
}

func TestWhatIsNoTerminalIsRefused(t *testing.T) {
	t.Parallel()
	file, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := attach.Raw(file); err == nil {
		t.Error("it was made raw")
	}
	if size, err := attach.TerminalSize(file); err == nil {
		t.Errorf("it has the size %v", size)
	}
}
