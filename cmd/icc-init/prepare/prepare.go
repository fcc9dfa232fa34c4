package prepare

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/icc-project/icc/sdk/initspec"
)

// Container applies the spec to the container this process is PID 1 of. Warn gets what is done without.
func Container(spec *initspec.Spec, warn func(error)) error {
	for _, step := range []func(*initspec.Spec) error{loopback, names, hosts, resolver, lowPorts} {
		if err := step(spec); err != nil {
			warn(err)
		}
	}
	if !spec.ReadOnly {
		return nil
	}
	if spec.Cwd != "" { // the last chance to make it
		if err := os.MkdirAll(spec.Cwd, 0o755); err != nil {
			return fmt.Errorf("making the working directory: %w", err)
		}
	}
	for _, file := range []string{"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"} {
		_ = readOnly(file) // what is no mount of its own is read-only with the root
	}
	if err := readOnly("/"); err != nil {
		return fmt.Errorf("making the root file system read-only: %w", err)
	}
	return nil
}

func names(spec *initspec.Spec) error {
	if spec.Domainname != "" {
		if err := syscall.Setdomainname([]byte(spec.Domainname)); err != nil {
			return fmt.Errorf("setting the domain name: %w", err)
		}
	}
	if spec.Hostname == "" {
		return nil
	}
	if err := syscall.Sethostname([]byte(spec.Hostname)); err != nil {
		return fmt.Errorf("setting the host name: %w", err)
	}
	return replace("/etc/hostname", spec.Hostname+"\n")
}

func hosts(spec *initspec.Spec) error {
	old, err := os.ReadFile("/etc/hosts")
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	content, missing := hostsFile(string(old), name, spec.Domainname, spec.Hosts, addresses(), gateway())
	if err := replace("/etc/hosts", content); err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("extra_hosts: %s: there is no gateway to the host", strings.Join(missing, ", "))
	}
	return nil
}

func resolver(spec *initspec.Spec) error {
	if len(spec.DNSOptions) == 0 {
		return nil
	}
	old, err := os.ReadFile("/etc/resolv.conf")
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return replace("/etc/resolv.conf", resolvConf(string(old), spec.DNSOptions))
}

// lowPorts lets every user listen on ports below 1024, as Docker does. Another value than Linux' default is somebody's
// wish.
func lowPorts(*initspec.Spec) error {
	const file = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
	if now, err := os.ReadFile(file); err != nil || strings.TrimSpace(string(now)) != "1024" {
		return nil
	}
	return os.WriteFile(file, []byte("0"), 0)
}

// replace binds a file with the content over the target, which may be of others and not writable.
func replace(target, content string) error {
	file := filepath.Join(initspec.Dir, filepath.Base(target))
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		return err
	}
	if err := os.Chmod(file, 0o644); err != nil { // whatever the umask
		return err
	}
	if _, err := os.Stat(target); os.IsNotExist(err) {
		_ = os.MkdirAll(filepath.Dir(target), 0o755)
		if err := os.WriteFile(target, nil, 0o644); err != nil {
			return err
		}
	}
	if err := syscall.Mount(file, target, "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("replacing %s: %w", target, err)
	}
	return nil
}

func isReadOnly(mount string) bool {
	const flag = 1 // ST_RDONLY of statvfs(3)
	var fs syscall.Statfs_t
	return syscall.Statfs(mount, &fs) == nil && fs.Flags&flag != 0
}

// readOnly keeps the mount's other flags, because the kernel refuses to lift those it was handed into the user
// namespace with.
func readOnly(mount string) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(mount, &fs); err != nil {
		return err
	}
	flags := uintptr(syscall.MS_BIND | syscall.MS_REMOUNT | syscall.MS_RDONLY)
	for st, ms := range map[int64]uintptr{
		0x2: syscall.MS_NOSUID, 0x4: syscall.MS_NODEV, 0x8: syscall.MS_NOEXEC,
		0x400: syscall.MS_NOATIME, 0x800: syscall.MS_NODIRATIME, 0x1000: syscall.MS_RELATIME,
	} {
		if fs.Flags&st != 0 {
			flags |= ms
		}
	}
	return syscall.Mount("", mount, "", flags, "")
}
