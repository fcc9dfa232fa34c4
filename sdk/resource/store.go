package resource

import (
	"slices"
	"sync"
)

// Store holds resources in the order in which they came, one for each object on the server: declarations that lead to the
// same kind and Incus name are one resource. The zero value is ready to use, also by several goroutines.
type Store struct {
	mu    sync.RWMutex
	items []Resolved
}

// Add adds r and returns true, or returns false when the store has a resource of its kind and Incus name already.
func (s *Store) Add(r Resolved) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(r.Kind, r.IncusName) >= 0 {
		return false
	}
	s.items = append(s.items, r)
	return true
}

// All returns the resources.
func (s *Store) All() []Resolved {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.items)
}

// Get returns the resource of a kind that has this name on the server.
func (s *Store) Get(kind Kind, incusName string) (Resolved, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if i := s.find(kind, incusName); i >= 0 {
		return s.items[i], true
	}
	return Resolved{}, false
}

// Remove removes the resource of r's kind and Incus name, if there is one.
func (s *Store) Remove(r Resolved) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(r.Kind, r.IncusName); i >= 0 {
		s.items = slices.Delete(s.items, i, i+1)
	}
}

// find returns the position of a resource or -1. A project has too few resources for a walk over them to matter.
func (s *Store) find(kind Kind, incusName string) int {
	return slices.IndexFunc(s.items, func(r Resolved) bool { return r.Kind == kind && r.IncusName == incusName })
}
