package flatten_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/icc-project/icc/plugins/image/flatten"
)

// layer is a tar in memory.
type layer []byte

func (l layer) Uncompressed() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(l)), nil }

// tarOf makes a layer of lines: "dir/" or "file=content" or "link->target" or "hard=>target", each with an optional
// " uid" at the end.
func tarOf(t *testing.T, lines ...string) layer {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, line := range lines {
		h := &tar.Header{Mode: 0o644}
		line, uid, _ := strings.Cut(line, " ")
		fmt.Sscan(uid, &h.Uid)
		var body string
		switch {
		case strings.HasSuffix(line, "/"):
			h.Typeflag, h.Name, h.Mode = tar.TypeDir, line, 0o755
		case strings.Contains(line, "=>"):
			h.Typeflag = tar.TypeLink
			h.Name, h.Linkname, _ = strings.Cut(line, "=>")
		case strings.Contains(line, "->"):
			h.Typeflag = tar.TypeSymlink
			h.Name, h.Linkname, _ = strings.Cut(line, "->")
		default:
			h.Typeflag = tar.TypeReg
			h.Name, body, _ = strings.Cut(line, "=")
			h.Size = int64(len(body))
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// linesOf is tarOf's reverse.
func linesOf(t *testing.T, archive []byte) []string {
	t.Helper()
	var lines []string
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		line := h.Name
		switch h.Typeflag {
		case tar.TypeLink:
			line += "=>" + h.Linkname
		case tar.TypeSymlink:
			line += "->" + h.Linkname
		case tar.TypeReg:
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			line += "=" + string(body)
		}
		if h.Uid != 0 {
			line += fmt.Sprintf(" %d", h.Uid)
		}
		lines = append(lines, line)
	}
}

func flat(t *testing.T, layers ...layer) []byte {
	t.Helper()
	tree, err := flatten.Read(t.Context(), layers)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := tree.Write(t.Context(), &buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestFlatten(t *testing.T) {
	t.Parallel()
	type lines = []string
	tests := []struct {
		name   string
		layers []lines
		want   lines
	}{
		{"a file of a higher layer replaces one of a lower", []lines{{"a=1", "b=1"}, {"a=2"}}, lines{"./", "b=1", "a=2"}},
		{"a whiteout removes a file", []lines{{"d/", "d/a=1", "d/b=1"}, {"d/.wh.a="}}, lines{"./", "d/", "d/b=1"}},
		{"a whiteout removes a directory", []lines{{"d/", "d/e/", "d/e/a=1"}, {"d/.wh.e="}}, lines{"./", "d/"}},
		{"a whiteout spares the same layer's file, before or after it",
			[]lines{{"a=1", "b=1"}, {".wh.a=", "a=2", "b=2", ".wh.b="}}, lines{"./", "a=2", "b=2"}},
		{"a whiteout of nothing is harmless", []lines{{"a=1"}, {"no/such/.wh.file="}}, lines{"./", "a=1"}},
		{"an opaque directory hides lower layers only",
			[]lines{{"d/", "d/a=1", "d/s/", "d/s/x=1"}, {"d/ 5", "d/b=2", "d/s/y=2", "d/.wh..wh..opq="}},
			lines{"./", "d/ 5", "d/s/", "d/b=2", "d/s/y=2"}},
		{"a directory's attributes change without its files", []lines{{"d/", "d/a=1"}, {"d/ 7"}}, lines{"./", "d/ 7", "d/a=1"}},
		{"a file takes a directory's place", []lines{{"d/", "d/a=1"}, {"d=2"}}, lines{"./", "d=2"}},
		{"a directory takes a link's place", []lines{{"d->e", "e/"}, {"d/", "d/a=1"}}, lines{"./", "d/", "e/", "d/a=1"}},
		{"hard links stay links", []lines{{"a=1 3", "b=>a", "c=>b"}}, lines{"./", "a=1 3", "b=>a 3", "c=>a 3"}},
		{"a hard link outlives its first name", []lines{{"a=1 3", "b=>a", "c=>a"}, {".wh.a="}}, lines{"./", "b=1 3", "c=>b 3"}},
		{"a hard link keeps its content when the first name gets other content",
			[]lines{{"a=1", "b=>a"}, {"a=2"}}, lines{"./", "b=1", "a=2"}},
		{"a hard link may point into a lower layer", []lines{{"a=1"}, {"b=>a"}}, lines{"./", "a=1", "b=>a"}},
		{"a file below a link goes where the link leads",
			[]lines{{"lib->usr/lib", "usr/", "usr/lib/", "usr/lib/a=1"}, {"lib/b=2"}},
			lines{"./", "lib->usr/lib", "usr/", "usr/lib/", "usr/lib/a=1", "usr/lib/b=2"}},
		{"links above the root and loops are kept", []lines{{"bin->../usr/bin", "x->y", "y->x"}, {"x/a=1"}},
			lines{"./", "bin->../usr/bin", "x/", "y->x", "x/a=1"}},
		{"paths above the root stay inside", []lines{{"../../etc/x=1", "/abs=2"}}, lines{"./", "etc/", "etc/x=1", "abs=2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var layers []layer
			for _, l := range test.layers {
				layers = append(layers, tarOf(t, l...))
			}
			if diff := cmp.Diff(test.want, linesOf(t, flat(t, layers...))); diff != "" {
				t.Errorf("flattened (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFlattenKeepsAttributes(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	long := strings.Repeat("long/", 60) + "name"
	if err := w.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: long, Mode: 0o4755, Uid: 70000, Gid: 5, Uname: "builder",
		PAXRecords: map[string]string{
			"SCHILY.xattr.security.capability":    "\x01\x00\x00\x02",
			"SCHILY.xattr.trusted.overlay.origin": "x",
		},
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(bytes.NewReader(flat(t, layer(buf.Bytes()))))
	for {
		h, err := r.Next()
		if err != nil {
			t.Fatalf("%s is missing: %v", long, err)
		}
		if h.Name != long {
			continue
		}
		if h.Mode != 0o4755 || h.Uid != 70000 || h.Gid != 5 || h.Uname != "" {
			t.Errorf("header is %+v, want mode 4755, 70000:5 and no user name", h)
		}
		if h.PAXRecords["SCHILY.xattr.security.capability"] != "\x01\x00\x00\x02" {
			t.Errorf("the file's capability is lost: %q", h.PAXRecords)
		}
		if h.PAXRecords["SCHILY.xattr.trusted.overlay.origin"] != "" {
			t.Errorf("overlayfs' own attribute was kept: %q", h.PAXRecords)
		}
		return
	}
}

func TestFlattenIsDeterministic(t *testing.T) {
	t.Parallel()
	layers := []layer{tarOf(t, "b=1", "a=2", "z/", "c=>a", "y->z"), tarOf(t, "z/x=1")}
	if !bytes.Equal(flat(t, layers...), flat(t, layers...)) {
		t.Error("two runs over the same layers differ")
	}
}

func TestTreeFile(t *testing.T) {
	t.Parallel()
	tree, err := flatten.Read(t.Context(), []layer{tarOf(t, "etc/passwd=old", "etc/group=g"), tarOf(t, "etc/passwd=new", "etc/.wh.group=")})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(tree.File("etc/passwd")); got != "new" {
		t.Errorf("etc/passwd is %q, want the higher layer's", got)
	}
	if got := tree.File("etc/group"); got != nil {
		t.Errorf("etc/group is %q, want nothing: it was removed", got)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	if _, err := flatten.Read(t.Context(), []layer{tarOf(t, "b=>missing")}); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a hard link to nothing: got %v, want an error that names it", err)
	}
	if _, err := flatten.Read(t.Context(), []layer{tarOf(t, "a=12345")[:514]}); err == nil {
		t.Error("a truncated layer was read without an error")
	}
}
