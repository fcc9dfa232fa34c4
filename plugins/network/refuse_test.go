package main

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

func TestRefusedNetworksSayWhatToDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		is   error
		hint string
	}{
		"addresses of another network": {errors.New(`dnsmasq: failed to create listening socket for 10.9.0.1: Address already in use`), resource.ErrConflict, "`subnet`"},
		"a subnet that overlaps":       {errors.New(`Network subnet overlaps with another`), resource.ErrConflict, "`subnet`"},
		"a restricted project":         {api.StatusErrorf(http.StatusForbidden, "no"), resource.ErrPermission, "external: true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := denied(c.err); !errors.Is(err, c.is) || !strings.Contains(resource.Hint(err), c.hint) {
				t.Errorf("%v, with the hint %q", err, resource.Hint(err))
			}
		})
	}
}
