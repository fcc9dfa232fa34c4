package attach

// DefaultDetachKeys are Docker's: Ctrl-P Ctrl-Q.
func DefaultDetachKeys() []byte { return []byte{'p' & 0x1f, 'q' & 0x1f} }

// detector finds the detach keys in what a person types.
type detector struct {
	keys []byte
	held int // so many of the keys were typed last, and not passed on
}

// pass returns what is to be passed on, and whether the keys were complete.
func (d *detector) pass(typed []byte) (on []byte, detach bool) {
	if len(d.keys) == 0 {
		return typed, false
	}
	for _, key := range typed {
		if key != d.keys[d.held] {
			on = append(on, d.keys[:d.held]...)
			d.held = 0
			if key != d.keys[0] {
				on = append(on, key)
				continue
			}
		}
		d.held++
		if d.held == len(d.keys) {
			return on, true
		}
	}
	return on, false
}
