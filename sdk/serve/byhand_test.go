package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
)

type described struct{ err error }

func (d described) Describe(context.Context) (*sdk.Description, error) {
	return &sdk.Description{Name: "network", Version: "1.2.3", Summary: "Manages <networks>."}, d.err
}

func TestByHand(t *testing.T) {
	t.Parallel()
	const who = "icc-plugin-network 1.2.3: Manages <networks>.\nThis is a plugin, started by icc; try `describe` or `version`.\n"
	tests := []struct {
		name           string
		impl           any
		args           []string
		code           int
		stdout, stderr string
	}{
		{"without arguments it says what it is", described{}, nil, 1, "", who},
		{"with odd arguments too", described{}, []string{"describe", "more"}, 1, "", who},
		{"version", described{}, []string{"version"}, 0, "icc-plugin-network 1.2.3, protocol 1\n", ""},
		{"--version", described{}, []string{"--version"}, 0, "icc-plugin-network 1.2.3, protocol 1\n", ""},
		{"a plugin that cannot describe itself", described{errors.New("no idea")}, nil, 1, "", "describing the plugin: no idea\n"},
		{"what is no plugin at all", 7, nil, 1, "", "int is neither an sdk.Provider nor an sdk.Builder: this plugin is broken\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := byHand(tt.impl, tt.args, &stdout, &stderr)
			if code != tt.code || stdout.String() != tt.stdout || stderr.String() != tt.stderr {
				t.Errorf("exit code %d\nstdout %q\nstderr %q", code, stdout.String(), stderr.String())
			}
		})
	}
}

func TestDescribePrintsJSON(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	if code := byHand(described{}, []string{"describe"}, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
		t.Fatalf("exit code %d, stderr %q", code, stderr.String())
	}
	var got sdk.Description
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || got.Summary != "Manages <networks>." {
		t.Errorf("%+v, %v", got, err)
	}
	if !strings.Contains(stdout.String(), "\n  \"name\": \"network\"") || strings.Contains(stdout.String(), `\u003c`) {
		t.Errorf("not made for reading: %s", stdout.String())
	}
}
