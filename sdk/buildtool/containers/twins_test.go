package containers

import (
	"strings"
	"testing"
	"time"
)

func TestTwinsAreToldFromImagesThatDiffer(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	image := func(change func(*made)) made {
		m := made{Config: map[string]any{"User": "app"}, History: []entry{
			{day(1), "ADD file:1 in /", false}, {day(1), "CMD sh", true}, {day(2), "RUN make", false}, {day(3), "USER app", true},
		}}
		m.RootFS.Layers = []string{"base", "made"}
		change(&m)
		return m
	}
	same := image(func(*made) {})
	for name, c := range map[string]struct {
		change       func(*made)
		instructions int
		want         bool
	}{
		"the same":                   {func(*made) {}, 2, true},
		"a step that ran twice":      {func(m *made) { m.History[2].Created, m.RootFS.Layers[1] = day(9), "other" }, 2, true},
		"another step":               {func(m *made) { m.History[2].CreatedBy = "RUN make all" }, 2, false},
		"another base":               {func(m *made) { m.History[0].Created = day(9) }, 2, false},
		"another base, without time": {func(m *made) { m.RootFS.Layers[0] = "other" }, 2, false},
		"another configuration":      {func(m *made) { m.Config = map[string]any{"User": "root"} }, 2, false},
		"one step more":              {func(m *made) { m.History = append(m.History, entry{}) }, 2, false},
		"one layer more":             {func(m *made) { m.RootFS.Layers = append(m.RootFS.Layers, "x") }, 2, false},
		"a step of the base":         {func(m *made) { m.History[2].Created = day(9) }, 1, false},
		"more steps than there are":  {func(*made) {}, 5, false},
	} {
		if got := twins(same, image(c.change), c.instructions); got != c.want {
			t.Errorf("%s: twins says %v", name, got)
		}
	}
}

func TestTheHistorySaysEnoughUnlessAStepMountsFiles(t *testing.T) {
	t.Parallel()
	const mounting = "STEP 2/3: RUN --mount=type=bind,source=go.mod,target=/go.mod x\n"
	for output, want := range map[string]int{ // how many instructions, -1 if the history does not say enough
		"STEP 1/3: FROM a\nSTEP 2/3: RUN x\n--> Using cache 12\nSTEP 3/3: CMD y\n--> 34\n":                                                2,
		"STEP 1/3: FROM a\n" + mounting + "--> Using cache 12\nSTEP 3/3: CMD y\n--> Using cache 34\n":                                     2,
		"STEP 1/3: FROM a\n" + mounting + "--> Using cache 12\nSTEP 3/3: CMD y\n--> 34\n":                                                 -1,
		"STEP 1/2: FROM a\nSTEP 2/2: RUN --mount=from=build,target=/x y\n--> 1\n":                                                         -1,
		"STEP 1/2: FROM a\nSTEP 2/2: RUN --mount=type=cache,from=build,target=/x y\n--> 1\n":                                              -1,
		"STEP 1/2: FROM a\nSTEP 2/2: RUN --mount=type=secret,id=x y\n--> 1\n":                                                             1,
		"[1/2] STEP 1/2: FROM a\n[1/2] STEP 2/2: RUN x\n--> Using cache 12\n[2/2] STEP 1/2: FROM b\n[2/2] STEP 2/2: RUN c\n--> 1\n":       1,
		"[1/2] STEP 1/2: FROM a\n[1/2] STEP 2/2: RUN x\n--> Using cache 12\n[2/2] STEP 1/2: FROM 12 AS z\n[2/2] STEP 2/2: RUN c\n--> 1\n": 2,
	} {
		var c caching
		for line := range strings.Lines(output) {
			c.findStep(strings.TrimSuffix(line, "\n"))
		}
		if c.conclusive() != (want >= 0) || want >= 0 && c.made != want {
			t.Errorf("%q: conclusive: %v, %d instructions", output, c.conclusive(), c.made)
		}
	}
}
