package console

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	incus "github.com/lxc/incus/v6/client"

	sdkincus "github.com/icc-project/icc/sdk/incus"
)

// Read returns the whole ring. An instance that ends at this moment refuses to answer for an instant, which is waited
// out.
func Read(ctx context.Context, server incus.InstanceServer, name string) ([]byte, error) {
	const attempts = 20
	for attempt := 1; ; attempt++ {
		text, err := read(server, name)
		if err == nil {
			return text, nil
		}
		if attempt == attempts || !passing(err) {
			return nil, fmt.Errorf("reading the console of %q: %w", name, err)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func read(server incus.InstanceServer, name string) ([]byte, error) {
	log, err := server.GetInstanceConsoleLog(name, nil)
	if err != nil {
		return nil, sdkincus.MapError(err)
	}
	defer func() { _ = log.Close() }()
	return io.ReadAll(log)
}

// passing reports whether the error is that of a container whose monitor is just going away.
func passing(err error) bool {
	text := err.Error()
	return strings.Contains(text, "connection refused") || strings.Contains(text, "connection reset") ||
		strings.Contains(text, "Failed to retrieve console log")
}

// Clean turns a terminal's line ends into ordinary ones.
func Clean(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// Tail returns the last n lines; a negative n means all.
func Tail(text []byte, n int) []byte {
	if n < 0 {
		return text
	}
	at := len(text)
	if at > 0 && text[at-1] == '\n' {
		at--
	}
	for ; n > 0; n-- {
		at = bytes.LastIndexByte(text[:at], '\n')
		if at < 0 {
			return text
		}
	}
	if at == len(text) {
		return nil
	}
	return text[at+1:]
}
