package compose

import (
	"strings"
	"testing"
)

func TestMentions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		file  string
		files []string
		want  bool
	}{
		{"no such word", service("command: [volume]"), nil, false},
		{"the word", service("volumes: [/data]"), nil, true},
		{"another of the words", service("secrets: [key]"), nil, true},
		{"a file that includes others", service() + "include: [other.yaml]\n", nil, true},
		{"a file that extends others", service("extends: {service: db}"), nil, true},
		{"a file that is not there", service(), []string{"missing.yaml"}, true},
		{"the standard input", service(), []string{"-"}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stdin := strings.NewReader(service())
			o := LoadOptions{
				WorkingDir: project(t, map[string]string{"compose.yaml": tt.file}), Files: tt.files, Environment: []string{}, Stdin: stdin,
			}
			if got := Mentions(o, "volumes", "secrets"); got != tt.want {
				t.Errorf("Mentions = %v, want %v", got, tt.want)
			}
			if stdin.Len() != len(service()) {
				t.Error("the standard input was read")
			}
		})
	}
}
