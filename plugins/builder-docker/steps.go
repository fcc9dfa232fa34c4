package main

import (
	"regexp"
	"strconv"

	"github.com/icc-project/icc/sdk/buildtool"
)

var (
	// classicStep is what the classic builder prints before each instruction: "Step 3/5 : RUN make".
	classicStep = regexp.MustCompile(`^Step (\d+)/(\d+) : (.*)`)
	// vertex is how BuildKit names an instruction: "#7 [build 3/5] RUN make".
	vertex = regexp.MustCompile(`^(#\d+) (\[(?:\S+ )*(\d+)/(\d+)\] (.*))`)
	// broken is how BuildKit says which one has failed.
	broken = regexp.MustCompile(`^(#\d+) ERROR: `)
)

// findStep returns what finds steps in one build's output.
func (w way) findStep() buildtool.FindStep {
	if w == classic {
		return findClassic
	}
	known := map[string]buildtool.Step{} // by number: BuildKit runs several at once
	return func(line string) (buildtool.Step, bool) {
		if m := broken.FindStringSubmatch(line); m != nil {
			step, ok := known[m[1]]
			return step, ok
		}
		m := vertex.FindStringSubmatch(line)
		if m == nil {
			return buildtool.Step{}, false
		}
		step := buildtool.Step{Text: m[2], Instruction: m[5], Percent: percent(m[3], m[4])}
		known[m[1]] = step
		return step, true
	}
}

func findClassic(line string) (buildtool.Step, bool) {
	m := classicStep.FindStringSubmatch(line)
	if m == nil {
		return buildtool.Step{}, false
	}
	return buildtool.Step{Text: line, Instruction: m[3], Percent: percent(m[1], m[2])}, true
}

// percent says how much lies before a step.
func percent(step, steps string) int {
	n, _ := strconv.Atoi(step)
	of, _ := strconv.Atoi(steps)
	return min(100*max(n-1, 0)/max(of, 1), 100)
}
