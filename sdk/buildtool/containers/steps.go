package containers

import (
	"regexp"
	"strconv"
)

// stepLine is what is printed before each instruction: "[1/2] STEP 3/5: RUN make".
var stepLine = regexp.MustCompile(`^(?:\[(\d+)/(\d+)\] )?STEP (\d+)/(\d+): (.*)`)

// percent says how much lies before a step: stages count the same, and so do the steps of a stage.
func percent(m []string) int {
	stage, stages := number(m[1]), number(m[2])
	step, steps := number(m[3]), number(m[4])
	return min(100*((stage-1)*steps+step-1)/(stages*steps), 100)
}

// number reads a count; what is not said is 1.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 1
	}
	return n
}
