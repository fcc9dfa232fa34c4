package compose

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// passes is a Checked for one run.
type passes map[string]bool

func (p passes) Passed(sum string) bool { return p[sum] }
func (p passes) Pass(sum string)        { p[sum] = true }

// anything is a Checked that has seen everything.
type anything struct{ passes }

func (anything) Passed(string) bool { return true }

func TestFilesThatPassedTheSchemaAreRemembered(t *testing.T) {
	t.Parallel()
	const other = "services: {db: {image: redis}}\n"
	tests := []struct {
		name, file string
		skip       bool
		remembered int
	}{
		{"a plain file", service("command: [sleep]"), false, 1},
		{"a variable that is set", service("command: [$WHAT]"), false, 1},
		{"a variable that is not set, which is warned of", service("command: [$OTHER]"), false, 0},
		{"a version, which is warned of", service() + "version: \"3\"\n", false, 0},
		{"an included file", service() + "include: [other.yaml]\n", false, 0},
		{"an included file behind a merge key", "x-a: &a {include: [other.yaml]}\n<<: *a\n" + service(), false, 0},
		{"an included file behind an escape", service() + "\"incl\\u0075de\": [other.yaml]\n", false, 0},
		{"a service that extends one of another file", service("extends: {file: other.yaml, service: db}"), false, 0},
		{"a file whose variables are left alone", service("command: [$WHAT]"), true, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			known := passes{}
			dir := project(t, map[string]string{"compose.yaml": tt.file, "other.yaml": other})
			for range 2 { // compose-go warns of a version once in a process
				if _, err := loadOnly(dir, func(o *LoadOptions) {
					o.Checked, o.SkipInterpolation, o.Environment = known, tt.skip, []string{"WHAT=it"}
				}); err != nil {
					t.Fatal(err)
				}
			}
			if len(known) != tt.remembered {
				t.Errorf("%d files are remembered, want %d", len(known), tt.remembered)
			}
		})
	}
}

func TestFilesThatPassedAreSparedTheSchema(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": service("nonsense: 1")})
	if _, err := loadOnly(dir, func(o *LoadOptions) { o.Checked = anything{} }); err != nil {
		t.Errorf("the schema was asked about a file that is known: %v", err)
	}
}

func TestWhatTheSchemaHasNotSeenIsChecked(t *testing.T) {
	t.Parallel()
	good := service("ports: [\"$PORT\"]", "stop_grace_period: ${GRACE:-1s}")
	tests := []struct {
		name, file, environment string
	}{
		{"a changed file", strings.Replace(good, "ports", "prots", 1), "PORT=80"},
		{"another value of a variable", good, "GRACE=soon"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			known := passes{}
			load := func(file, environment string) error {
				_, err := loadOnly(project(t, map[string]string{"compose.yaml": file}), func(o *LoadOptions) {
					o.Checked, o.Environment = known, []string{"PORT=80", environment}
				})
				return err
			}
			if err := load(good, "PORT=80"); err != nil || len(known) != 1 {
				t.Fatalf("%v, %d files are remembered", err, len(known))
			}
			if err := load(tt.file, tt.environment); err == nil {
				t.Error("a mistake was not found")
			}
			if len(known) != 1 {
				t.Error("a file with a mistake is remembered")
			}
		})
	}
}

func TestSumsTellFilesApart(t *testing.T) {
	t.Parallel()
	sum := func(environment string, contents ...string) string {
		s, err := newSession(LoadOptions{Environment: []string{environment}})
		if err != nil {
			t.Fatal(err)
		}
		var raw [][]byte
		for _, c := range contents {
			raw = append(raw, []byte(c))
		}
		return s.sum(raw)
	}
	if sum("A=1", "ab", "c") == sum("A=1", "a", "bc") {
		t.Error("a boundary between files does not count")
	}
	if sum("A=1", "$A") == sum("A=2", "$A") {
		t.Error("a variable does not count")
	}
	if sum("A=1", "a") != sum("A=2", "a") {
		t.Error("a variable counts that no file can refer to")
	}
}

func TestTheSchemaChangesNothing(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*/compose.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test data: %v", err)
	}
	for _, file := range files {
		dir, err := filepath.Abs(filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		checked, err := loadOnly(dir)
		if err != nil {
			t.Fatal(err)
		}
		spared, err := loadOnly(dir, func(o *LoadOptions) { o.Checked = anything{} })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(checked.model, spared.model); diff != "" {
			t.Errorf("%s is read differently when it is known:\n%s", file, diff)
		}
	}
}
