package attach

import (
	"io"
	"sync"
)

// input is where the clients' input goes.
type input struct {
	mu      sync.Mutex
	to      io.WriteCloser
	ended   bool          // a client has ended the input of this process
	changed chan struct{} // closed, and replaced, by set
}

func (in *input) set(w io.WriteCloser) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.to, in.ended = w, false
	close(in.changed)
	in.changed = make(chan struct{})
}

// wait returns where input goes, nil when it has ended or the client is gone. It waits while there is no process.
func (in *input) wait(gone <-chan struct{}) io.WriteCloser {
	for {
		in.mu.Lock()
		to, ended, changed := in.to, in.ended, in.changed
		in.mu.Unlock()
		switch {
		case ended:
			return nil
		case to != nil:
			return to
		}
		select {
		case <-changed:
		case <-gone:
			return nil
		}
	}
}

// write passes the chunk on. What a process that ends just now does not take is lost, as in a pipe.
func (in *input) write(chunk []byte, gone <-chan struct{}) {
	if to := in.wait(gone); to != nil {
		_, _ = to.Write(chunk)
	}
}

// end closes the process' input, once there is one, unless that is a terminal.
func (in *input) end(gone <-chan struct{}, isTerminal func() bool) {
	to := in.wait(gone)
	if to == nil || isTerminal() {
		return
	}
	in.mu.Lock()
	if in.to == to {
		in.ended = true
	}
	in.mu.Unlock()
	_ = to.Close()
}
