package host

import (
	"runtime"
	"sync"
)

// spawner starts processes from one thread that lives as long as the host: the kernel's parent-death signal is sent
// when the thread that started a child ends, and Go ends threads as it likes.
type spawner struct {
	once sync.Once
	work chan func()
}

func newSpawner() *spawner { return &spawner{work: make(chan func())} }

// do runs f on the thread and waits for it.
func (s *spawner) do(f func() error) error {
	s.once.Do(func() { go s.loop() })
	done := make(chan error, 1)
	s.work <- func() { done <- f() }
	return <-done
}

func (s *spawner) loop() {
	runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
	for f := range s.work {
		f()
	}
}

// close ends the thread, and with it what it has started. No do may follow.
func (s *spawner) close() {
	s.once.Do(func() {})
	close(s.work)
}
