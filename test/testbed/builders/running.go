package builders

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/test/testbed"
)

const saying = `FROM busybox:1 AS base
ARG TOOL
RUN echo app:x:77:77::/home/app:/bin/sh >> /etc/passwd && echo "more:x:99:app" >> /etc/group && echo $TOOL > /tool \
 && mkdir /data /w && echo kept > /data/file && chown -R 77:77 /data /w && chmod 0750 /data
COPY entry /entry
FROM base
ENV A=1 B="two  words" PATH=/w:/bin
WORKDIR /w
USER app
VOLUME /data
EXPOSE 80 53/udp
STOPSIGNAL SIGINT
HEALTHCHECK --interval=1s --timeout=60s --start-period=1s --retries=200 CMD test -f /tmp/told
LABEL own=1 two="a b"
ENTRYPOINT ["/bin/sh", "/entry", "one  argument"]
CMD ["sleep", "and $HOME"]
`

// entry tells what a process sees of all that, and how it is asked to end.
const entry = `printf '<%s>\n' "$@"
id
env | grep -v -e HOSTNAME -e SHLVL | sort
stat -c '%n %a %u:%g' /data /data/file
cat /data/file
grep -c ' /data ' /proc/mounts
touch /data/mine || echo "the volume is not the user's"
trap 'echo interrupted; exit 7' INT
trap 'echo terminated; exit 8' TERM
touch /tmp/told
while :; do sleep 0.1; done
`

const told = `<one  argument>
<sleep>
<and $HOME>
uid=77(app) gid=77 groups=77,99(more)
A=1
B=two  words
HOME=/home/app
PATH=/w:/bin
PWD=/w
/data 750 77:77
/data/file 644 77:77
kept
1
interrupted
`

// running brings up what the builder makes of a Containerfile, and looks at it from inside and outside of the container.
// Each builder has to come to the same.
func (s *suite) running(t *testing.T) {
	host := testbed.Env(t)
	p := &composed{t: t, dir: host.ProjectDir(t)}
	p.write("compose.yaml", "services: {web: {stop_grace_period: 5m, build: {context: ., args: {TOOL: "+s.Tool+"}}}}\n")
	p.write("Containerfile", saying)
	p.write("entry", entry)
	t.Cleanup(func() { p.icc("down", "--volumes", "--rmi", "local") })

	p.icc("--builder", s.Tool, "up", "--detach", "--wait")
	if got := p.state(); got != "running healthy 0" {
		t.Errorf("after up --wait it is %s", got)
	}
	p.icc("stop")
	if got := p.state(); got != "exited  7" {
		t.Errorf("after the stop signal it is %s", got)
	}
	if diff := cmp.Diff(told, p.icc("logs", "--no-color", "--no-log-prefix")); diff != "" {
		t.Errorf("the process says (-want +got):\n%s", diff)
	}
	want := kinds.ImageProcess{
		Entrypoint: []string{"/bin/sh", "/entry", "one  argument"}, Cmd: []string{"sleep", "and $HOME"}, User: "app", WorkingDir: "/w",
		Volumes: []string{"/data"}, ExposedPorts: []string{"53/udp", "80/tcp"}, StopSignal: "SIGINT", Labels: map[string]string{"own": "1", "two": "a b"},
		Healthcheck: &kinds.Healthcheck{
			Test: []string{"CMD-SHELL", "test -f /tmp/told"}, Interval: time.Second, Timeout: time.Minute, StartPeriod: time.Second, Retries: 200,
		},
	}
	if diff := cmp.Diff(want, imported(t, host, filepath.Base(p.dir))); diff != "" {
		t.Errorf("the server knows of the image (-want +got):\n%s", diff)
	}
}

// imported returns what the server has been told of a project's only image, without what the entry tells itself.
func imported(t *testing.T, host testbed.Host, project string) kinds.ImageProcess {
	t.Helper()
	images, err := host.Incus(t).GetImages()
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range images {
		if image.Properties["user.icc.project"] != project {
			continue
		}
		for key, value := range image.Properties {
			var out kinds.ImageOutputs
			if strings.HasPrefix(key, "user.icc.config.") && json.Unmarshal([]byte(value), &out) == nil && out.Process != nil {
				out.Process.Env = nil
				delete(out.Process.Labels, "io.buildah.version") // of the base image
				return *out.Process
			}
		}
	}
	t.Fatalf("the server has no image of %s", project)
	return kinds.ImageProcess{}
}

// composed is a Compose project with one service.
type composed struct {
	t   *testing.T
	dir string
}

func (p *composed) write(name, content string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// icc runs the icc that make build has made, or that ICC_BIN names, and returns what it prints.
func (p *composed) icc(args ...string) string {
	p.t.Helper()
	path := os.Getenv("ICC_BIN")
	if path == "" {
		_, file, _, _ := runtime.Caller(0)
		path = filepath.Join(filepath.Dir(file), "../../../bin/icc")
	}
	command := exec.Command(path, args...)
	command.Dir = p.dir
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		p.t.Fatalf("icc %v: %v\n%s%s", args, err, out, &said)
	}
	return string(out)
}

// state returns the state, health and exit code of the instance.
func (p *composed) state() string {
	p.t.Helper()
	var row struct {
		State, Health string
		ExitCode      json.Number
	}
	if err := json.Unmarshal([]byte(p.icc("ps", "--all", "--format", "json")), &row); err != nil {
		p.t.Fatal(err)
	}
	return row.State + " " + row.Health + " " + row.ExitCode.String()
}
