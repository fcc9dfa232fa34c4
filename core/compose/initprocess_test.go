package compose

import (
	"testing"

	"github.com/icc-project/icc/sdk/kinds"
)

// TestEveryLossWithoutIccInitIsAnnounced makes sure that each row of the coverage table that needs icc-init is hit by
// the golden case "init-off", so that no row is dead.
func TestEveryLossWithoutIccInitIsAnnounced(t *testing.T) {
	t.Parallel()
	p, err := loadOnly("testdata/init-off")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Translate(p, TranslateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for _, d := range tr.Diagnostics {
		said[d.Text] = true
	}
	rows := 0
	for path, r := range coverage() {
		if r.lost == "" {
			continue
		}
		rows++
		if !said[r.lostMessage()] {
			t.Errorf("%s: %q is not announced", path, r.lostMessage())
		}
	}
	if rows == 0 {
		t.Error("no row needs icc-init")
	}
}

func TestMistakesInWhatIccInitDoes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, hint string }{
		{"a bad log size", service("logging: {options: {max-size: huge}}"),
			`compose.yaml:5: services.web.logging.options.max-size: "huge" is not a size`, "write a number with a unit, such as 10m"},
		{"a bad number of logs", service("logging: {options: {max-file: '0'}}"),
			`compose.yaml:5: services.web.logging.options.max-file: "0" is not a number of files`, "write a number from 1 up"},
		{"a bad security option", service("security_opt: ['no-new-privileges:maybe']"),
			`compose.yaml:5: services.web.security_opt[0]: no-new-privileges is "maybe"`, "write no-new-privileges, or no-new-privileges:true"},
		{"waiting for the end of a service without icc-init",
			service("depends_on: {job: {condition: service_completed_successfully}}") + "  job: {image: x, init: false}\n",
			`compose.yaml:5: services.web.depends_on.job.condition: service "web" waits for "job" to end successfully, but without icc-init as its first process nobody sees its exit code`,
			`let "job" run with icc-init (no init: off, no init: false, an OCI image), or wait with service_started`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr, dir := translated(t, c.file)
			wantError(t, dir, tr.Err(), c.text, c.hint)
		})
	}
}

func TestTheServiceDecidesOverTheProjectWhoIsPID1(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, top, service, want string }{
		{"icc-init by default", "", "user: x", ""},
		{"init: true is icc-init", "", "init: true", ""},
		{"init: false is the command", "", "init: false", kinds.InitTakeover},
		{"off for the project", "x-icc: {init: off}\n", "user: x", kinds.InitOff},
		{"a boolean for the project", "x-icc: {init: false}\n", "user: x", kinds.InitOff},
		{"on again for a service", "x-icc: {init: off}\n", "x-icc: {init: on}", ""},
		{"off for a service", "", "x-icc: {init: off}", kinds.InitOff},
		{"off wins over init: false", "", "x-icc: {init: off}\n    init: false", kinds.InitOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr, _ := translated(t, c.top+service(c.service))
			if err := tr.Err(); err != nil {
				t.Fatal(err)
			}
			if got := instanceOf(t, tr, "web-1").Init; got != c.want {
				t.Errorf("init is %q, want %q", got, c.want)
			}
		})
	}
}
