package guest

import (
	"context"
	"strconv"

	"github.com/gorilla/websocket"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk"
)

// Control sends resizes and signals to a running command. What is sent before the command runs waits for it.
type Control struct {
	messages chan api.InstanceExecControl
}

// NewControl returns a Control for one command.
func NewControl() *Control {
	const pending = 64 // a person cannot resize or interrupt faster than the server reads
	return &Control{messages: make(chan api.InstanceExecControl, pending)}
}

// Resize tells the command's terminal its new size.
func (c *Control) Resize(w sdk.WindowSize) {
	c.send(api.InstanceExecControl{Command: "window-resize", Args: map[string]string{
		"width": strconv.Itoa(w.Width), "height": strconv.Itoa(w.Height),
	}})
}

func (c *Control) signal(number int) {
	c.send(api.InstanceExecControl{Command: "signal", Signal: number})
}

// Forward passes on what arrives on the channels until ctx ends.
func (c *Control) Forward(ctx context.Context, resize <-chan sdk.WindowSize, signals <-chan int) {
	for resize != nil || signals != nil {
		select {
		case <-ctx.Done():
			return
		case w, ok := <-resize:
			if !ok {
				resize = nil
				continue
			}
			c.Resize(w)
		case s, ok := <-signals:
			if !ok {
				signals = nil
				continue
			}
			c.signal(s)
		}
	}
}

// divide separates signals from resizes until the command has ended.
func (c *Control) divide(ended context.Context) (resizes *Control, signals <-chan int) {
	resizes = NewControl()
	numbers := make(chan int, 1)
	go func() {
		for {
			select {
			case <-ended.Done():
				return
			case m := <-c.messages:
				if m.Command != "signal" {
					resizes.send(m)
					continue
				}
				select {
				case numbers <- m.Signal:
				default: // one is enough
				}
			}
		}
	}()
	return resizes, numbers
}

// send drops a message when the command does not take any: it is about to end.
func (c *Control) send(m api.InstanceExecControl) {
	select {
	case c.messages <- m:
	default:
	}
}

// serve returns the handler of the control connection, which writes messages until the command has ended.
func (c *Control) serve(ended context.Context) func(*websocket.Conn) {
	return func(conn *websocket.Conn) {
		defer func() { _ = conn.Close() }()
		for {
			select {
			case <-ended.Done():
				return
			case m := <-c.messages:
				if conn.WriteJSON(m) != nil {
					return
				}
			}
		}
	}
}
