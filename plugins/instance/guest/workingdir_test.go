package guest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	incus "github.com/lxc/incus/v6/client"
	"github.com/lxc/incus/v6/shared/api"
)

// files is a server that knows the types of an instance's files. The first failures accesses meet a helper that ends.
type files struct {
	incus.InstanceServer
	types    map[string]string
	failures int
}

func (f *files) GetInstanceFile(_, path string) (io.ReadCloser, *incus.InstanceFileResponse, error) {
	if f.failures > 0 {
		f.failures--
		return nil, nil, errors.New("dial unix /proc/self/fd/38/forkfile.sock: connect: no such file or directory")
	}
	kind, ok := f.types[path]
	if !ok {
		return nil, nil, api.StatusErrorf(http.StatusNotFound, "Not Found")
	}
	return nil, &incus.InstanceFileResponse{Type: kind}, nil
}

func TestAWorkingDirectoryMustBeThere(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ dir, want string }{
		"a directory":           {"/srv", ""},
		"the service's own":     {"", ""},
		"a link, wherever to":   {"/link", ""},
		"one that is not there": {"/nope", "working directory /nope does not exist in shop-web-1"},
		"a file":                {"/etc/passwd", "working directory /etc/passwd is not a directory in shop-web-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &files{types: map[string]string{"/srv": "directory", "/link": "symlink", "/etc/passwd": "file"}, failures: 2}
			err := checkWorkingDir(context.Background(), server, "shop-web-1", tt.dir)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
