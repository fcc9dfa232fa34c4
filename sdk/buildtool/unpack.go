package buildtool

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/icc-project/icc/sdk/resource"
)

// unpack unpacks an archive into a directory; a text becomes the directory's Dockerfile, as docker takes it.
func (j *Job) unpack(ctx context.Context, file, dir string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	content, done, err := decompress(ctx, f)
	if err != nil {
		return err
	}
	defer done()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	start, err := content.Peek(512)
	switch {
	case len(start) == 0:
		return resource.ErrBuild.WithText("it is empty").
			WithHint("a context is a tar archive or a Containerfile; for the standard input, pipe one to `icc build`")
	case len(start) == 512 && string(start[257:262]) == "ustar":
		return untar(ctx, content, root)
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case isText(start):
		return writeFile(root, "Dockerfile", 0o644, content)
	}
	return resource.ErrBuild.WithText("it is neither a tar archive nor a Containerfile").
		WithHint("pack the context with `tar -c`, compressed with gzip, bzip2, xz, zstd or not at all")
}

// isText says whether a file that begins so is a text. Its last character may be cut.
func isText(start []byte) bool {
	for cut := range min(utf8.UTFMax, len(start)) {
		if utf8.Valid(start[:len(start)-cut]) {
			return !bytes.ContainsRune(start, 0)
		}
	}
	return false
}

// decompress reads what may be compressed, until done. What Go has no reader for is left to the tool of that name.
func decompress(ctx context.Context, f *os.File) (content *bufio.Reader, done func(), err error) {
	nothing := func() {}
	raw := bufio.NewReader(f)
	start, err := raw.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	has := func(magic string) bool { return bytes.HasPrefix(start, []byte(magic)) }
	switch {
	case has("\x1f\x8b"):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nil, err
		}
		return bufio.NewReader(z), nothing, nil
	case has("BZh"):
		return bufio.NewReader(bzip2.NewReader(raw)), nothing, nil
	case has("\xfd7zXZ"):
		return through(ctx, "xz", f.Name())
	case has("\x28\xb5\x2f\xfd"):
		return through(ctx, "zstd", f.Name())
	}
	return raw, nothing, nil
}

// through reads a file as a tool decompresses it.
func through(ctx context.Context, tool, file string) (content *bufio.Reader, done func(), err error) {
	program, err := exec.LookPath(tool)
	if err != nil {
		return nil, nil, resource.ErrBuild.WithText(tool + " is not installed").WithHint("install it, or compress the archive with gzip")
	}
	reader, writer := io.Pipe()
	go func() {
		var stderr bytes.Buffer
		err := runGroup(ctx, command{path: program, args: []string{"--decompress", "--stdout", file}, stdout: writer, stderr: &stderr})
		if err != nil {
			err = fmt.Errorf("%s: %s", tool, LastLine(stderr.String(), err))
		}
		_ = writer.CloseWithError(err)
	}()
	return bufio.NewReader(reader), func() { _ = reader.Close() }, nil
}

// untar writes an archive's files, none of them outside of root. Whom they belong to does not matter for a build.
func untar(ctx context.Context, content io.Reader, root *os.Root) error {
	var folders []*tar.Header
	for r := tar.NewReader(content); ; {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		if name == "" {
			continue
		}
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		if err := untarOne(h, r, root, name); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeDir {
			folders = append(folders, h)
		}
	}
	for i := len(folders) - 1; i >= 0; i-- { // files in them have changed their times
		name := strings.TrimPrefix(path.Clean("/"+folders[i].Name), "/")
		if err := root.Chtimes(name, folders[i].ModTime, folders[i].ModTime); err != nil {
			return err
		}
	}
	return nil
}

func untarOne(h *tar.Header, r io.Reader, root *os.Root, name string) error {
	mode := fs.FileMode(h.Mode & 0o777)
	switch h.Typeflag {
	case tar.TypeDir:
		if err := root.Mkdir(name, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return root.Chmod(name, mode|0o700)
	case tar.TypeReg:
		if err := writeFile(root, name, mode, r); err != nil {
			return err
		}
		return root.Chtimes(name, h.ModTime, h.ModTime)
	case tar.TypeSymlink:
		_ = root.Remove(name)
		return root.Symlink(h.Linkname, name)
	case tar.TypeLink:
		_ = root.Remove(name)
		return root.Link(strings.TrimPrefix(path.Clean("/"+h.Linkname), "/"), name)
	case tar.TypeXGlobalHeader:
		return nil
	}
	return fmt.Errorf("%s is neither a file, nor a directory, nor a link", h.Name)
}

func writeFile(root *os.Root, name string, mode fs.FileMode, content io.Reader) error {
	_ = root.Remove(name) // not through a link of that name
	f, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Chmod(mode), f.Close())
}

// setTime sets the time of a file, or of a link itself.
func setTime(path string, at time.Time) error {
	stamp := unix.NsecToTimespec(at.UnixNano())
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{stamp, stamp}, unix.AT_SYMLINK_NOFOLLOW)
}
