package main

import "testing"

// ended is the end of a service's process.
type ended struct {
	service string
	code    int
}

func TestWhenAForegroundUpIsOverAndHowItExits(t *testing.T) {
	t.Parallel()
	jobs := map[string]bool{"migrate": true}
	for _, tt := range []struct {
		name    string
		verdict verdict
		ends    []ended
		// over is the index of the end that ends all; -1 for none.
		over, code int
	}{
		{"without flags all ends are awaited", verdict{}, []ended{{"web", 3}, {"db", 0}}, -1, 0},
		{"any exit", verdict{onExit: true}, []ended{{"web", 0}, {"db", 137}}, 0, 0},
		{"the first exit's code counts", verdict{onExit: true}, []ended{{"web", 3}, {"db", 137}}, 0, 3},
		{"any failure", verdict{onFailure: true}, []ended{{"web", 0}, {"db", 4}, {"cache", 143}}, 1, 4},
		{"no failure", verdict{onFailure: true}, []ended{{"web", 0}, {"db", 0}}, -1, 0},
		{"the code of a service that ends first", verdict{onExit: true, from: "test"}, []ended{{"test", 5}, {"db", 137}}, 0, 5},
		{"the code of a service that is stopped", verdict{onExit: true, from: "test"}, []ended{{"db", 1}, {"test", 143}}, 0, 143},
		{"the code of a service that was not heard of", verdict{onExit: true, from: "test"}, []ended{{"db", 1}}, 0, 0},
		{"the failure of one of several instances", verdict{onFailure: true, from: "test"}, []ended{{"test", 0}, {"test", 6}, {"test", 0}}, 1, 6},
		{"a job's success", verdict{onExit: true, jobs: jobs}, []ended{{"migrate", 0}, {"web", 2}}, 1, 2},
		{"a job's failure", verdict{onExit: true, jobs: jobs}, []ended{{"migrate", 7}, {"web", 2}}, 0, 7},
		{"a job whose code is asked for", verdict{onExit: true, jobs: jobs, from: "migrate"}, []ended{{"migrate", 0}}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, over := tt.verdict, -1
			for n, e := range tt.ends {
				if v.ended(e.service, e.code) {
					if over >= 0 {
						t.Errorf("it ends twice, at %d and %d", over, n)
					}
					over = n
				}
			}
			if over != tt.over || v.code() != tt.code {
				t.Errorf("over at %d with %d, want %d with %d", over, v.code(), tt.over, tt.code)
			}
		})
	}
}
