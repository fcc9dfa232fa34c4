package stack

import "container/heap"

// queue holds the ready tasks that want a worker, the most important one first.
type queue struct {
	tasks      []*task
	descending bool
}

func (q *queue) push(t *task) { heap.Push(q, t) }
func (q *queue) pop() *task   { return heap.Pop(q).(*task) }

// Len, Less, Swap, Push and Pop implement heap.Interface.
func (q *queue) Len() int { return len(q.tasks) }

func (q *queue) Less(i, j int) bool {
	a, b := q.tasks[i], q.tasks[j]
	if a.Priority != b.Priority {
		return (a.Priority < b.Priority) != q.descending
	}
	return a.position < b.position
}

func (q *queue) Swap(i, j int) { q.tasks[i], q.tasks[j] = q.tasks[j], q.tasks[i] }
func (q *queue) Push(x any)    { q.tasks = append(q.tasks, x.(*task)) }

func (q *queue) Pop() any {
	last := q.tasks[len(q.tasks)-1]
	q.tasks = q.tasks[:len(q.tasks)-1]
	return last
}
