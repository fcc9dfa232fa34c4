//go:build incus

package conformance

import (
	"bytes"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lxc/incus/v6/shared/api"
	"github.com/pkg/sftp"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func TestEachAttributeChangesAsGentlyAsItCan(t *testing.T) {
	t.Parallel()
	for name, group := range map[string]struct {
		subnet string
		class  resource.Class
		rows   []row
		begin  func(*lab, *kinds.InstanceConfig)
	}{
		"live": {"10.201.30", resource.ClassLive, liveRows(), func(l *lab, c *kinds.InstanceConfig) {
			l.acl(changingACL)
			c.Entrypoint = []string{"sh", "-c", "mkdir /w; echo page > /w/index.html; httpd -p 80 -h /w; exec sleep 100000"}
		}},
		"process": {"10.201.31", resource.ClassRestart, processRows(), nil},
		"place": {"10.201.33", resource.ClassRestart, placeRows(), func(l *lab, c *kinds.InstanceConfig) {
			l.network("back", "10.201.32", map[string]kinds.Address{"place-1": {IPv4: "10.201.32.10"}})
			c.Mounts = append(c.Mounts, kinds.Mount{Type: kinds.MountVolume, Source: "more", Target: "/more"})
		}},
		"recreated": {"10.201.35", resource.ClassRecreate, recreatedRows(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			c := l.changing(name, group.subnet)
			if group.begin != nil {
				group.begin(l, &c)
			}
			l.up(c)
			l.sh(c, "touch /kept /data/kept")
			failed := func() string { return "" }
			if group.class == resource.ClassLive {
				failed = l.client(group.subnet + ".10")
			}
			for _, r := range group.rows {
				l.changes(&c, r, group.class)
			}
			if lost := failed(); lost != "" {
				t.Errorf("a client lost requests:\n%s", lost)
			}
			inst, _, err := l.server.GetInstance(l.state(c).IncusName)
			if err != nil {
				t.Fatal(err)
			}
			if at := inst.Devices["eth0"]["ipv4.address"]; at != group.subnet+".10/24" {
				t.Errorf("its address has become %s", at)
			}
			kept := "/data/kept\n/kept\n"
			if group.class == resource.ClassRecreate {
				kept = "/data/kept\n"
			}
			if got := l.sh(c, "ls /kept /data/kept 2>/dev/null; true"); got != kept {
				t.Errorf("of what it had written there is %q", got)
			}
		})
	}
}

// acl makes an ACL that allows nothing by itself. ACLs are the server's, as networks are.
func (l *lab) acl(name string) {
	l.t.Helper()
	root := l.host.Incus(l.t)
	if err := root.CreateNetworkACL(api.NetworkACLsPost{NetworkACLPost: api.NetworkACLPost{Name: name}}); err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() {
		if err := root.DeleteNetworkACL(name); err != nil {
			l.t.Error(err)
		}
	})
}

// changes applies one row to the running service and looks whether the plan was true.
func (l *lab) changes(c *kinds.InstanceConfig, r row, class resource.Class) {
	l.t.Helper()
	before, was := l.process(*c), *c
	was.Networks, was.Mounts = slices.Clone(c.Networks), slices.Clone(c.Mounts)
	r.change(c)
	change := l.change(*c)
	if change.Class != class || !decides(change, r.path, class) {
		l.t.Errorf("%v: the plan says %s: %+v", r.fields, change.Class, change.Fields)
	}
	if r.hint != "" && l.refused(*c, r.hint) {
		*c = was
		r.probe, r.key = "", ""
	} else {
		l.must(*c, resource.ActionEnsure)
	}
	if class != resource.ClassLive {
		l.must(*c, resource.ActionStart)
	}
	if after := l.process(*c); (after == before) != (class == resource.ClassLive) {
		l.t.Errorf("%v: the process was %q and is %q", r.fields, before, after)
	}
	if r.probe != "" {
		if got := l.sh(*c, r.probe+"; true"); got != r.want {
			l.t.Errorf("%v: %s prints %q, want %q", r.fields, r.probe, got, r.want)
		}
	}
	if r.key != "" {
		if got := l.setting(*c, r.key); got != r.value {
			l.t.Errorf("%v: %s is %q, want %q", r.fields, r.key, got, r.value)
		}
	}
	if again := l.change(*c); again.Class != resource.ClassNone {
		l.t.Errorf("%v: afterwards the plan says %s: %+v", r.fields, again.Class, again.Fields)
	}
}

// refused says whether the server cannot do it, and looks whether the error teaches.
func (l *lab) refused(c kinds.InstanceConfig, hint string) bool {
	l.t.Helper()
	_, _, err := l.run(c, resource.ActionEnsure, resource.Options{Create: true})
	if err != nil && !strings.Contains(resource.Hint(err), hint) {
		l.t.Errorf("the hint of %v is %q, want %q", err, resource.Hint(err), hint)
	}
	return err != nil
}

// client asks for the service's page every 10 ms until the returned function is called, which tells what failed.
func (l *lab) client(address string) (failed func() string) {
	l.t.Helper()
	var out bytes.Buffer
	loop := l.host.Command(l.t, "bash", "-c", "while read -t 0.01 x || [ $? -gt 128 ]; do curl -sS -m 30 -o /dev/null http://"+address+"/ 2>&1 || echo lost; asked=$((asked+1)); done; echo $asked >&2")
	asked, err := loop.StdinPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	var count bytes.Buffer
	loop.Stdout, loop.Stderr = &out, &count
	eventually(l.t, "the service answers", func() bool { return l.dial(address) != "" })
	if err := loop.Start(); err != nil {
		l.t.Fatal(err)
	}
	return func() string {
		_ = asked.Close()
		if err := loop.Wait(); err != nil {
			l.t.Errorf("the client ended with %v", err)
		}
		if n, _ := strconv.Atoi(strings.TrimSpace(count.String())); n < 50 {
			l.t.Errorf("the client asked %q times", count.String())
		}
		return out.String()
	}
}

// decides says whether a field of the change has the path and the class.
func decides(change resource.Change, pattern string, class resource.Class) bool {
	for _, f := range change.Fields {
		if matches(pattern, f.Path) && f.Class == class {
			return true
		}
	}
	return false
}

// matches compares with a name in which a star stands for what is a hash.
func matches(pattern, name string) bool {
	if strings.HasSuffix(pattern, "-") {
		return strings.HasPrefix(name, pattern)
	}
	ok, _ := path.Match(pattern, name)
	return ok
}

// process tells the main process from every other: its number, and when it began.
func (l *lab) process(c kinds.InstanceConfig) string {
	l.t.Helper()
	return l.sh(c, "for i in $(seq 600); do p=$(pidof sleep) && break; sleep 0.1; done; echo $p $(cut -d' ' -f22 /proc/$p/stat)")
}

// setting reads a key, or "device/key", of the instance on the server.
func (l *lab) setting(c kinds.InstanceConfig, key string) string {
	l.t.Helper()
	inst, _, err := l.server.GetInstance(l.state(c).IncusName)
	if err != nil {
		l.t.Fatal(err)
	}
	device, key, isDevice := strings.Cut(key, "/")
	if !isDevice {
		return inst.Config[device]
	}
	for name, dev := range inst.Devices {
		if matches(device, name) {
			return dev[key]
		}
	}
	return ""
}

// secretFiles makes a volume of small files, as the volume plugin does for secrets.
func (l *lab) secretFiles(name string, content map[string]string) {
	l.t.Helper()
	out := l.volume(name)
	files, err := l.server.GetStoragePoolVolumeFileSFTP(out.Pool, "custom", out.IncusName)
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = files.Close() }()
	for at, text := range content {
		if err := writeFile(files, at, text); err != nil {
			l.t.Fatal(err)
		}
	}
}

func writeFile(files *sftp.Client, at, text string) error {
	if err := files.MkdirAll(path.Dir(at)); err != nil {
		return err
	}
	f, err := files.Create(at)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte(text)); err != nil {
		return err
	}
	return f.Close()
}

func TestEachAttributeOfAnInstanceHasARow(t *testing.T) {
	t.Parallel()
	covered := map[string]bool{}
	for _, rows := range [][]row{liveRows(), processRows(), placeRows(), recreatedRows()} {
		for _, r := range rows {
			for _, field := range r.fields {
				covered[field] = true
			}
		}
	}
	for prefix, v := range map[string]any{"": kinds.InstanceConfig{}, "Limits.": kinds.Limits{}, "NIC.": kinds.NIC{}, "Port.": kinds.Port{},
		"Mount.": kinds.Mount{}, "Healthcheck.": kinds.Healthcheck{}, "Logging.": kinds.Logging{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(v)) {
			name := prefix + field.Name
			if !covered[name] && name != "Limits" && unchangeable()[name] == "" {
				t.Errorf("no row changes %s", name)
			}
		}
	}
}
