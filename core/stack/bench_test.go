package stack_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/icc-project/icc/core/stack"
)

// BenchmarkRun shows what the scheduler itself costs: 10,000 nodes that do nothing, each needing three others.
func BenchmarkRun(b *testing.B) {
	for name, shape := range map[string]func(i int) []int{
		"wide":  func(i int) []int { return []int{i / 2, i / 3, i / 5} },
		"chain": func(i int) []int { return []int{i - 1} },
	} {
		b.Run(name, func(b *testing.B) {
			s := stack.New()
			for i := range 10_000 {
				n := stack.Node{ID: fmt.Sprintf("node-%d", i), Priority: i % 7, Do: func(context.Context) error { return nil }}
				if i > 0 {
					for _, to := range shape(i) {
						n.Needs = append(n.Needs, stack.Need{ID: fmt.Sprintf("node-%d", to)})
					}
				}
				if err := s.Add(n); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Run(b.Context(), stack.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
