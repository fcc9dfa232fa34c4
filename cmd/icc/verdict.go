package main

// verdict decides from the ends of processes when a foreground `up` is over, and what its exit code is.
type verdict struct {
	// onExit and onFailure say which ends are the end of all.
	onExit, onFailure bool
	// from is the service whose exit code counts; empty means the one that ended all.
	from string
	// jobs are the services that others wait for to complete: their success is no reason to stop.
	jobs map[string]bool

	over    bool
	trigger int  // the exit code of the process that ended all
	own     *int // from's: the first of its instances that failed counts
}

// ended takes note of the end of a process and reports whether it is the first that ends all.
func (v *verdict) ended(service string, code int) bool {
	if service == v.from && v.from != "" && (v.own == nil || *v.own == 0) {
		v.own = &code
	}
	asJob := v.jobs[service] && code == 0 && service != v.from
	if v.over || asJob || !v.onExit && !(v.onFailure && code != 0) {
		return false
	}
	v.over, v.trigger = true, code
	return true
}

// code is the exit code of the run.
func (v *verdict) code() int {
	switch {
	case v.own != nil:
		return *v.own
	case v.from == "":
		return v.trigger
	}
	return 0
}
