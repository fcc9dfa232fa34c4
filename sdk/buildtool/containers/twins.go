package containers

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/buildtool"
)

// Two builds that run a step at the same time make a layer each, and the cache later gives either. Such twins are one
// image that was built twice: nothing has changed, and nothing is to be made anew. This file tells them from images
// that differ.

// caching watches whether the cache answers a whole build.
type caching struct {
	steps, cached int
	// mounts says that a step sees files of which its text says nothing.
	mounts bool
	// made is how many instructions of this build the image has at this step, and stages the same for the images of
	// earlier steps, from which a stage may go on.
	made   int
	stages map[string]int
}

func (c *caching) findStep(line string) (buildtool.Step, bool) {
	if id, ok := strings.CutPrefix(line, "--> Using cache "); ok {
		c.cached++
		if c.stages == nil {
			c.stages = map[string]int{}
		}
		c.stages[id] = c.made
	}
	m := stepLine.FindStringSubmatch(line)
	if m == nil {
		return buildtool.Step{}, false
	}
	if number(m[3]) > 1 {
		c.steps++
		c.made++
		c.mounts = c.mounts || seesFiles(m[5])
	} else {
		from, _, _ := strings.Cut(strings.TrimPrefix(m[5], "FROM "), " ")
		c.made = c.stages[from]
	}
	return buildtool.Step{Text: line, Instruction: m[5], Percent: percent(m)}, true
}

// conclusive says whether images with the same history come from the same: the text of each instruction is its history,
// with the digest of what was copied, and that is what the cache goes by. It does not tell what was mounted; then the
// cache has to have answered everything.
func (c *caching) conclusive() bool { return !c.mounts || c.steps == c.cached }

// seesFiles says whether an instruction mounts files of the context or of another stage.
func seesFiles(instruction string) bool {
	for _, word := range strings.Fields(instruction) {
		mount, ok := strings.CutPrefix(word, "--mount=")
		if !ok {
			continue
		}
		options := strings.Split(mount, ",")
		harmless := slices.ContainsFunc(options, func(o string) bool {
			return slices.Contains([]string{"type=secret", "type=ssh", "type=cache", "type=tmpfs"}, o)
		})
		if !harmless || strings.Contains(mount, "from=") {
			return true
		}
	}
	return false
}

// made is the part of an image's configuration that says how it was made.
type made struct {
	Config  map[string]any `json:"config"`
	History []entry        `json:"history"`
	RootFS  struct {
		Layers []string `json:"diff_ids"`
	} `json:"rootfs"`
}

// entry is an instruction; with COPY, it has the digest of what was copied.
type entry struct {
	Created   time.Time `json:"created"`
	CreatedBy string    `json:"created_by"`
	Empty     bool      `json:"empty_layer"`
}

// known returns the image that the asker has if the one that was built is its twin, and the one that was built if not.
func (e *Engine) known(ctx context.Context, job *buildtool.Job, id string, cache caching) string {
	known := job.Request.KnownDigest
	if known == "" || known == id || job.Request.Build.NoCache || !cache.conclusive() {
		return id
	}
	had, err := e.inspect(ctx, known)
	if err != nil {
		return id // the store has it no more
	}
	has, err := e.inspect(ctx, id)
	if err != nil || !twins(had, has, cache.made) {
		return id
	}
	// What is pushed is what the name stands for.
	if job.RunQuietly(ctx, "tag", strings.TrimPrefix(known, "sha256:"), job.Request.Name) != nil {
		return id
	}
	return known
}

func (e *Engine) inspect(ctx context.Context, id string) (made, error) {
	var m made
	answer, err := buildtool.Ask(ctx, e.tool, e.History(strings.TrimPrefix(id, "sha256:"))...)
	if err == nil {
		err = json.Unmarshal(answer, &m)
	}
	delete(m.Config, "Hostname") // that of the container in which a step ran
	if err != nil {
		return m, fmt.Errorf("asking %s how %s was made: %w", e.tool, id, err)
	}
	return m, nil
}

// twins says whether two images come from the same base by the same instructions, of which their builds made the last
// ones.
func twins(a, b made, instructions int) bool {
	base := len(a.History) - instructions
	if base < 0 || len(a.History) != len(b.History) || len(a.RootFS.Layers) != len(b.RootFS.Layers) || !reflect.DeepEqual(a.Config, b.Config) {
		return false
	}
	layers := len(a.RootFS.Layers)
	for i, x := range a.History {
		y := b.History[i]
		if x.CreatedBy != y.CreatedBy || x.Empty != y.Empty || i < base && !x.Created.Equal(y.Created) {
			return false
		}
		if i >= base && !x.Empty {
			layers--
		}
	}
	layers = max(0, layers)
	return slices.Equal(a.RootFS.Layers[:layers], b.RootFS.Layers[:layers])
}
