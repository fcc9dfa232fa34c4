package compose

import "testing"

func TestMistakesInPreStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, text, hint string }{
		{"a step for each replica", service("pre_start: [{command: x, per_replica: true}]"),
			"compose.yaml:5: services.web.pre_start[0].per_replica: not possible yet: steps run once for a service, not once for each replica",
			"remove it, or make the step a part of the entrypoint"},
		{"a step without icc-init", service("pre_start: [{command: x}, {command: x, init: false}]"),
			"compose.yaml:5: services.web.pre_start[1]: without icc-init as the first process nobody sees how this step ends",
			"remove init: off or init: false, or use an OCI image"},
		{"a volume that is not there", service("pre_start: [{command: x, volumes: ['gone:/x']}]"),
			`compose.yaml:5: services.web.pre_start[0].volumes: volume "gone" is not defined`, "define it under volumes"},
		{"a service with the name of a step", service("pre_start: [{command: x}]") + "  web-pre-start: {image: x}\n",
			`compose.yaml:5: services.web.pre_start: its steps run in instances that are called like those of service "web-pre-start"`,
			"give that service another name"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tr, dir := translated(t, c.file)
			wantError(t, dir, tr.Err(), c.text, c.hint)
		})
	}
}
