package buildtool

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/resource"
)

// clone checks out what a context of the form URL#REF:FOLDER names, and returns the folder. Only the wanted commit is
// fetched, with its submodules.
func (j *Job) clone(ctx context.Context, from, dir string) (string, error) {
	address, fragment, _ := strings.Cut(from, "#")
	if strings.HasPrefix(address, "github.com/") {
		address = "https://" + address
	}
	ref, below, _ := strings.Cut(fragment, ":")
	if strings.HasPrefix(ref, "-") {
		return "", fmt.Errorf("%q is no branch, tag or commit", ref)
	}
	git, err := exec.LookPath("git")
	if err != nil {
		return "", resource.ErrBuild.WithText("git is not installed").WithHint("install it (Debian: `apt install git`)")
	}
	r := repository{git: git, dir: dir}
	if err := r.checkOut(ctx, address, ref); err != nil {
		return "", err
	}
	made, err := r.committed(ctx)
	if err != nil {
		return "", err
	}
	if err := evenOut(dir, made); err != nil {
		return "", err
	}
	if below == "" {
		return dir, nil
	}
	return inFolder(dir, below)
}

// repository is a working tree in a directory.
type repository struct{ git, dir string }

// checkOut gets a branch, a tag or a commit; "" is the repository's default branch. Servers that do not give out a
// single commit are asked for everything.
func (r repository) checkOut(ctx context.Context, address, ref string) error {
	for _, args := range [][]string{{"init", "--quiet"}, {"remote", "add", "origin", address}} {
		if _, err := r.run(ctx, args...); err != nil {
			return err
		}
	}
	wanted := ref
	if wanted == "" {
		wanted = "HEAD"
	}
	at := "FETCH_HEAD"
	_, err := r.run(ctx, "fetch", "--quiet", "--depth", "1", "--no-tags", "origin", wanted)
	if err != nil && ref != "" && ctx.Err() == nil {
		if _, all := r.run(ctx, "fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"); all != nil {
			return all
		}
		at, err = ref, nil
	}
	if err != nil {
		return err
	}
	if _, err := r.run(ctx, "checkout", "--quiet", "--detach", at); err != nil {
		if at == ref {
			return resource.ErrBuild.WithText(fmt.Sprintf("the repository has no branch, tag or commit %q", ref)).WithHint("check what stands behind the # of the context")
		}
		return err
	}
	if _, err := os.Stat(filepath.Join(r.dir, ".gitmodules")); err != nil {
		return nil
	}
	_, err = r.run(ctx, "submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1")
	return err
}

// committed returns the time of the commit.
func (r repository) committed(ctx context.Context) (time.Time, error) {
	out, err := r.run(ctx, "log", "-1", "--format=%ct")
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(out), 10, 64)
	return time.Unix(seconds, 0), err
}

// run runs git where it cannot ask anybody for anything: nobody would see the question.
func (r repository) run(ctx context.Context, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	env := []string{"GIT_TERMINAL_PROMPT=0", "LC_ALL=C"}
	if os.Getenv("GIT_SSH_COMMAND") == "" {
		env = append(env, "GIT_SSH_COMMAND=ssh -o BatchMode=yes")
	}
	err := runGroup(ctx, command{path: r.git, args: append([]string{"-C", r.dir}, args...), env: env, stdout: &stdout, stderr: &stderr})
	if err == nil || ctx.Err() != nil {
		return stdout.String(), err
	}
	text := strings.TrimPrefix(LastLine(firstFatal(stderr.String()), err), "fatal: ")
	return "", resource.ErrBuild.WithText("git: " + text).WithHint(gitAdvice(stderr.String()))
}

// firstFatal returns the line with which git, or the ssh that it runs, gives its reason; the last ones are general
// advice.
func firstFatal(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "ssh: ") || strings.HasPrefix(line, "Host key ") || strings.Contains(line, "Permission denied") {
			return line
		}
		if strings.HasPrefix(line, "fatal: ") || strings.HasPrefix(line, "error: ") {
			return line
		}
	}
	return text
}

func gitAdvice(text string) string {
	switch {
	case strings.Contains(text, "Host key verification failed"):
		return "connect once with ssh by hand, so that the host is known"
	case strings.Contains(text, "Permission denied"), strings.Contains(text, "could not read Username"):
		return "give git credentials that need no question: an agent for ssh, or a credential helper"
	}
	return "check the repository's address; `git ls-remote` shows what is there"
}

// evenOut takes out what differs between two checkouts of one commit: times, the user's umask, and git's own files.
func evenOut(dir string, made time.Time) error {
	var all []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Name() == ".git" && path != dir {
			if err := os.RemoveAll(path); err != nil || !d.IsDir() {
				return err
			}
			return fs.SkipDir
		}
		all = append(all, path)
		if d.Type()&fs.ModeSymlink != 0 {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if d.IsDir() || info.Mode()&0o100 != 0 {
			mode = 0o755
		}
		return os.Chmod(path, mode)
	})
	if err != nil {
		return err
	}
	for i := len(all) - 1; i >= 0; i-- { // a directory after what is in it
		if err := setTime(all[i], made); err != nil {
			return err
		}
	}
	return nil
}
