package buildtool

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
)

const places = `# syntax=docker/dockerfile:1
FROM busybox:1 AS base
run  make \
  # what this is about

  all
RUN <<EOF
RUN make hidden
EOF
COPY a \
     /a
FROM base
COPY a /a
RUN make hidden
RUN echo <<< two
RUN last \`

func TestAnInstructionIsFoundByItsTextIfNoOtherReadsTheSame(t *testing.T) {
	t.Parallel()
	context := t.TempDir()
	if err := os.MkdirAll(filepath.Join(context, "docker"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(context, "docker", "Web"), []byte(places), 0o644); err != nil {
		t.Fatal(err)
	}
	file := kinds.BuildConfig{Context: context, Dockerfile: "docker/Web"}
	escaped := kinds.BuildConfig{Context: context, DockerfileInline: "# escape=`\nFROM a\nRUN one `\n two\nRUN three \\\n"}
	for name, test := range map[string]struct {
		build       kinds.BuildConfig
		instruction string
		want        string
	}{
		"an instruction over several lines":  {file, "RUN make   all", "docker/Web:3"},
		"one that stands there twice":        {file, "COPY a /a", ""},
		"one like a line of a here-document": {file, "RUN make hidden", "docker/Web:14"},
		"a here-document":                    {file, "RUN <<EOF", "docker/Web:7"},
		"one that is not there":              {file, "RUN make some", ""},
		"one that the file breaks off":       {file, "RUN last", "docker/Web:16"},
		"another escape character":           {escaped, "RUN one two", "dockerfile_inline:3"},
		"the usual one with another":         {escaped, `RUN three \`, "dockerfile_inline:5"},
		"the escape character, escaped":      {kinds.BuildConfig{DockerfileInline: "RUN a \\\\\nRUN b\nRUN b\n"}, "RUN b", ""},
		"a here-document without an end":     {kinds.BuildConfig{DockerfileInline: "RUN a\nRUN <<EOF\n"}, "RUN a", ""},
		"no Containerfile":                   {kinds.BuildConfig{Context: t.TempDir()}, "RUN x", ""},
		"one elsewhere":                      {kinds.BuildConfig{Context: t.TempDir(), Dockerfile: filepath.Join(context, "docker", "Web")}, "RUN last", filepath.Join(context, "docker", "Web:16")},
	} {
		if got := place(test.build, test.instruction); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}
