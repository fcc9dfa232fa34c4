package lifecycle

import (
	"errors"
	"io"
	"strings"
	"testing"

	incus "github.com/lxc/incus/v6/client"

	"github.com/icc-project/icc/sdk/resource"
)

// logbook is a server with the log of one start.
type logbook struct {
	incus.InstanceServer
	log string
}

func (l logbook) GetInstanceLogfile(string, string) (io.ReadCloser, error) {
	if l.log == "" {
		return nil, errors.New("no such log")
	}
	return io.NopCloser(strings.NewReader(l.log)), nil
}

func TestTheReasonOfAFailedStartComesFromTheLog(t *testing.T) {
	t.Parallel()
	const log = `lxc a 2026 ERROR    cgfsng - ../src/lxc/cgroups/cgfsng.c:__cgfsng_delegate_controllers:3631 - Device or resource busy - Could not enable "+hugetlb"
lxc a 2026 WARN     conf - ../src/lxc/conf.c:lxc_setup:3 - only a warning
lxc a 2026 ERROR    conf - ../src/lxc/conf.c:setup_sysctl_parameters:3130 - No such file or directory - Failed to setup sysctl parameters net.nosuch to 1
lxc a 2026 ERROR    conf - ../src/lxc/conf.c:lxc_setup:4015 - Failed to setup sysctl parameters
`
	failed := errors.New("Failed to run: /opt/incusd forklxc a b c: exit status 1")
	for name, tt := range map[string]struct {
		log        string
		err        error
		want, hint string
	}{
		"the first error about the configuration counts": {log, failed,
			"No such file or directory - Failed to setup sysctl parameters net.nosuch to 1", "`sysctls`"},
		"a log without one says nothing": {"lxc a 2026 ERROR    start - s.c:f:1 - aborted\n", failed, "forklxc", "--show-log"},
		"nor does one that is not there": {"", failed, "forklxc", "--show-log"},
		"the log of an earlier start is left alone": {log, errors.New("Failed to run: ip link add: exit status 1"),
			"starting failed: Failed to run: ip link add", ""},
		"an address that the server does not have": {log, errors.New("listen tcp 1.2.3.4:80: bind: cannot assign requested address"),
			"starting failed", "`ports`"},
		"a device that the server does not have": {log, errors.New("The required device path doesn't exist"), "starting failed", "`devices`"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &Manager{Server: logbook{log: tt.log}}
			err := startError(m.setupError(tt.err))
			if !errors.Is(err, resource.ErrOperation) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
			if hint := resource.Hint(err); !strings.Contains(hint, tt.hint) || tt.hint == "" && hint != "" {
				t.Errorf("the hint is %q", hint)
			}
		})
	}
}
