package guest

import (
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/lxc/incus/v6/shared/api"
	"github.com/lxc/incus/v6/shared/ws"

	incus "github.com/lxc/incus/v6/client"
)

// connector is what starting a command takes of a server.
type connector interface {
	RawOperation(method, path string, data any, queryETag string) (incus.Operation, string, error)
	GetOperationWebsocket(uuid, secret string) (*websocket.Conn, error)
}

// start runs a command as the client library's ExecInstance does, and returns what is closed when all output has
// arrived.
//
// The library's connections answer each ping at once, and take a failing answer for the end: a short command's server
// has closed its side by then, and what it had sent before is lost. Under load that is one command in ten. So the
// connections are made here, where a ping that cannot be answered means nothing.
func start(server connector, instance string, post api.InstanceExecPost, args *incus.InstanceExecArgs) (incus.Operation, <-chan struct{}, error) {
	op, _, err := server.RawOperation("POST", "/instances/"+url.PathEscape(instance)+"/exec", post, "")
	if err != nil {
		return nil, nil, err
	}
	conns, err := connect(server, op.Get())
	if err != nil {
		return nil, nil, err
	}
	if control := conns[api.SecretNameControl]; control != nil {
		go discard(control)
		go args.Control(control)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		mirror(conns, post.Interactive, args)
	}()
	return op, done, nil
}

// connect makes the connections of the operation, by the numbers of the descriptors and the name of the control
// connection, which has to be the first: the command starts when the others are there.
func connect(server connector, op api.Operation) (map[string]*websocket.Conn, error) {
	secrets, _ := op.Metadata["fds"].(map[string]any)
	conns := map[string]*websocket.Conn{}
	for _, name := range []string{api.SecretNameControl, "0", "1", "2"} {
		secret, ok := secrets[name].(string)
		if !ok {
			continue
		}
		conn, err := server.GetOperationWebsocket(op.ID, secret)
		if err != nil {
			for _, c := range conns {
				_ = c.Close()
			}
			return nil, fmt.Errorf("connecting to the command's streams: %w", err)
		}
		conn.SetPingHandler(func(data string) error {
			const patience = time.Second
			_ = conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(patience))
			return nil
		})
		conns[name] = conn
	}
	return conns, nil
}

// mirror copies input and output until all output has arrived. A terminal has one connection for both.
func mirror(conns map[string]*websocket.Conn, interactive bool, args *incus.InstanceExecArgs) {
	defer func() {
		for name, conn := range conns {
			if name != api.SecretNameControl {
				_ = conn.Close()
			}
		}
	}()
	if in := conns["0"]; in != nil {
		if !interactive {
			go discard(in)
		}
		ws.MirrorRead(in, args.Stdin)
	}
	outputs := map[string]io.Writer{"1": args.Stdout, "2": args.Stderr}
	if interactive {
		outputs = map[string]io.Writer{"0": args.Stdout}
	}
	var all sync.WaitGroup
	for name, to := range outputs {
		if conn := conns[name]; conn != nil {
			all.Go(func() { <-ws.MirrorWrite(conn, to) })
		}
	}
	all.Wait()
}

// discard reads what nobody needs, so that pings are answered.
func discard(conn *websocket.Conn) {
	for {
		if _, _, err := conn.NextReader(); err != nil {
			return
		}
	}
}
