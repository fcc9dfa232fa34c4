//go:build incus

package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lxc/incus/v6/shared/api"
)

// exec runs a command by Incus' exec and returns its exit code, stdout and stderr.
func (c container) exec(t *testing.T, command ...string) (int, string, string) {
	t.Helper()
	code, stdout, stderr, err := c.fed(t, "", command...)
	if err != nil {
		t.Fatal(err)
	}
	return code, stdout, stderr
}

// torn tells how a command ends that ends with the service: by itself, or killed because PID 1 has not waited for it.
func torn(code int, err error) bool { return err != nil || code > 128 }

// fed is exec of a command with input. The error is that there is no exit code, as when the container ends meanwhile.
//
// It makes the connections itself: those of the client library fail when a server that has said all does not wait for
// the answer to its ping, and lose what it has said.
func (c container) fed(t *testing.T, stdin string, command ...string) (code int, stdout, stderr string, err error) {
	t.Helper()
	op, _, err := c.server.RawOperation("POST", "/instances/"+c.name+"/exec", api.InstanceExecPost{Command: command, WaitForWS: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	streams := map[string]*websocket.Conn{}
	secrets := op.Get().Metadata["fds"].(map[string]any)
	for _, name := range []string{api.SecretNameControl, "0", "1", "2"} { // the command starts with the last one
		conn, err := c.server.GetOperationWebsocket(op.Get().ID, secrets[name].(string))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		conn.SetPingHandler(func(data string) error {
			_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
			return nil
		})
		streams[name] = conn
	}
	go func() { _, _, _ = streams[api.SecretNameControl].ReadMessage() }() // answers pings
	out, errs := heard(streams["1"]), heard(streams["2"])
	if stdin != "" {
		_ = streams["0"].WriteMessage(websocket.BinaryMessage, []byte(stdin)) // the command may have ended
	}
	_ = streams["0"].WriteMessage(websocket.TextMessage, nil) // the end
	err = op.Wait()
	number, ok := op.Get().Metadata["return"].(float64)
	if ok {
		err = nil
	}
	return int(number), <-out, <-errs, err
}

// heard returns what comes until the text message that is the end.
func heard(conn *websocket.Conn) <-chan string {
	all := make(chan string, 1)
	go func() {
		var b strings.Builder
		for {
			kind, data, err := conn.ReadMessage()
			if err != nil || kind == websocket.TextMessage {
				all <- b.String()
				return
			}
			b.Write(data)
		}
	}()
	return all
}
