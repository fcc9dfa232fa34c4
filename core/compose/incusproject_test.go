package compose

import "testing"

func TestTheIncusProjectOfFilesWithMistakes(t *testing.T) {
	t.Parallel()
	const mistake = "services: {web: {imag: x}}\n"
	for name, c := range map[string]struct{ content, want string }{
		"chosen":                   {mistake + "x-icc: {incus_project: team, builder: [1]}\n", "team"},
		"chosen by a variable":     {mistake + "x-icc: {incus_project: \"${TEAM}s\"}\n", "blues"},
		"in incus-compose's words": {mistake + "x-incus-compose: {incus_project: other}\n", "other"},
		"chosen twice":             {mistake + "x-incus-compose: {incus_project: other}\nx-icc: {incus_project: team}\n", "team"},
		"not chosen":               {mistake, ""},
		"not to be read":           {"services: {web: [}\nx-icc: {incus_project: team}\n", ""},
	} {
		o := LoadOptions{WorkingDir: project(t, map[string]string{"compose.yaml": c.content}), Environment: []string{"TEAM=blue"}}
		if got := IncusProject(o); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	files := project(t, map[string]string{"compose.yaml": mistake + "x-icc: {incus_project: a}\n", "compose.override.yaml": "x-icc: {incus_project: b}\n"})
	if got := IncusProject(LoadOptions{WorkingDir: files, Environment: []string{}}); got != "b" {
		t.Errorf("with an override: %q", got)
	}
	if got := IncusProject(LoadOptions{WorkingDir: t.TempDir(), Environment: []string{}}); got != "" {
		t.Errorf("without a file: %q", got)
	}
}
