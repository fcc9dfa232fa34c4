package watch

import "sync"

// mailbox keeps events in their order until its owner takes them. Whoever posts never waits.
type mailbox struct {
	// arrived has an element when there is something to take.
	arrived chan struct{}

	mu     sync.Mutex
	events []Event
}

func newMailbox() *mailbox { return &mailbox{arrived: make(chan struct{}, 1)} }

func (m *mailbox) post(e Event) {
	m.mu.Lock()
	m.events = append(m.events, e)
	m.mu.Unlock()
	select {
	case m.arrived <- struct{}{}:
	default: // it is known already
	}
}

func (m *mailbox) take() []Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	events := m.events
	m.events = nil
	return events
}
