package launch

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"github.com/icc-project/icc/cmd/icc-init/caps"
	"github.com/icc-project/icc/cmd/icc-init/users"
	"github.com/icc-project/icc/sdk/initspec"
)

// Command makes this process the spec's command. It returns only when that fails.
//
// The thread is locked, because capabilities and ids are those of a thread until execve makes it the whole process.
func Command(spec *initspec.Spec) *Failure {
	runtime.LockOSThread()
	id, err := identity(spec)
	if err != nil {
		return cannotRun("%v", err)
	}
	if spec.OOMScoreAdj != 0 {
		if err := os.WriteFile("/proc/self/oom_score_adj", []byte(strconv.Itoa(spec.OOMScoreAdj)), 0); err != nil {
			warn("oom_score_adj is not applied", err) // only the host's root may lower it
		}
	}
	if f := enter(spec.Cwd); f != nil {
		return f
	}
	if f := setUmask(spec.Umask); f != nil {
		return f
	}
	ownStdio(id.UID)
	if f := become(id, spec); f != nil {
		return f
	}
	return run(spec.Argv, complete(spec.Env, id.Home, spec.TTY))
}

// identity reads the image's files; that they are missing is no fault.
func identity(spec *initspec.Spec) (users.Identity, error) {
	passwd, err := os.ReadFile("/etc/passwd")
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return users.Identity{}, err
	}
	group, err := os.ReadFile("/etc/group")
	if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return users.Identity{}, err
	}
	return users.Database{Passwd: string(passwd), Group: string(group)}.Resolve(spec.User, spec.Groups)
}

func enter(cwd string) *Failure {
	if cwd == "" {
		cwd = "/"
	}
	if err := os.MkdirAll(cwd, 0o755); err != nil {
		return cannotRun("making the working directory: %v", err)
	}
	if err := os.Chdir(cwd); err != nil {
		return cannotRun("entering the working directory: %v", err)
	}
	return nil
}

func setUmask(octal string) *Failure {
	mask := uint64(0o022)
	if octal != "" {
		var err error
		if mask, err = strconv.ParseUint(octal, 8, 9); err != nil {
			return cannotRun("umask %q is no octal number up to 777", octal)
		}
	}
	syscall.Umask(int(mask))
	return nil
}

// ownStdio lets the user open /dev/stdout and its neighbours, which are the pipes or the terminal made by root.
func ownStdio(uid int) {
	for fd := range 3 {
		var st syscall.Stat_t
		if syscall.Fstat(fd, &st) != nil || int(st.Uid) == uid {
			continue
		}
		kind := st.Mode & syscall.S_IFMT
		terminal := kind == syscall.S_IFCHR && st.Rdev>>8 == 136
		if kind == syscall.S_IFIFO || terminal {
			_ = syscall.Fchown(fd, uid, -1)
		}
	}
}

// become changes ids and capabilities, in the order in which each step is still allowed.
func become(id users.Identity, spec *initspec.Spec) *Failure {
	have, err := bounding()
	if err != nil {
		return cannotRun("reading the capabilities: %v", err)
	}
	keep, err := caps.Tweak(have, spec.CapAdd, spec.CapDrop)
	if err != nil {
		return cannotRun("%v", err)
	}
	if err := dropBounding(have &^ keep); err != nil {
		return cannotRun("dropping capabilities: %v", err)
	}
	if err := setIDs(id); errors.Is(err, syscall.EPERM) && spec.Takeover {
		return cannotRun("becoming the user %d:%d: %v; PID 1 has given the capabilities for that away (cap_drop)", id.UID, id.GID, err)
	} else if err != nil {
		return cannotRun("becoming the user %d:%d: %v", id.UID, id.GID, err)
	}
	if err := limit(keep); err != nil {
		return cannotRun("dropping capabilities: %v", err)
	}
	if spec.NoNewPrivileges {
		if err := prctl(prSetNoNewPrivs, 1); err != nil {
			return cannotRun("setting no-new-privileges: %v", err)
		}
	}
	return nil
}

func warn(what string, err error) {
	_, _ = os.Stderr.WriteString("icc-init: " + what + ": " + err.Error() + "\n")
}
