package builders

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func (s *suite) inline(t *testing.T) {
	req := request(t, map[string]string{"hello": "hi", "ignored": "x", ".dockerignore": "ignored\n"})
	s.leavesNothing(t, req)
	req.Build.DockerfileInline = "FROM scratch\nCOPY . /\nCMD [\"/hello\"]\n"
	result, _ := s.build(t, req)
	if files := Files(t, result); files["hello"] != "00644 0:0 hi" || files["ignored"] != "" {
		t.Errorf("the files are %v", files)
	}
}

// contexts checks that a further context may be another directory.
func (s *suite) contexts(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": "FROM scratch\nCOPY --from=extra /x /x\n"})
	s.leavesNothing(t, req)
	extra := request(t, map[string]string{"x": "from elsewhere"})
	req.Build.AdditionalContexts = map[string]string{"extra": extra.Build.Context}
	if !s.supports("additional_contexts") {
		s.expectRefusal(t, req)
		return
	}
	result, _ := s.build(t, req)
	if files := Files(t, result); files["x"] != "00644 0:0 from elsewhere" {
		t.Errorf("the files are %v", files)
	}
}

func (s *suite) containerfiles(t *testing.T) {
	const from = "FROM scratch\nCOPY a /"
	for name, test := range map[string]struct {
		files map[string]string
		named string
		want  string
	}{
		"the Dockerfile is Compose's default": {map[string]string{"Dockerfile": from + "d\n", "Containerfile": from + "c\n"}, "", "d"},
		"else it is the Containerfile":        {map[string]string{"Containerfile": from + "c\n"}, "", "c"},
		"a named one in the context":          {map[string]string{"Dockerfile": from + "d\n", "x/Other": from + "o\n"}, "x/Other", "o"},
	} {
		t.Run(name, func(t *testing.T) {
			test.files["a"] = "1"
			req := request(t, test.files)
			s.leavesNothing(t, req)
			req.Build.Dockerfile = test.named
			result, _ := s.build(t, req)
			if files := Files(t, result); files[test.want] == "" {
				t.Errorf("the files are %v, want %s", files, test.want)
			}
		})
	}
	t.Run("a named one elsewhere", func(t *testing.T) {
		req := request(t, map[string]string{"a": "1"})
		s.leavesNothing(t, req)
		req.Build.Dockerfile = filepath.Join(t.TempDir(), "Elsewhere")
		if err := os.WriteFile(req.Build.Dockerfile, []byte(from+"e\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		result, _ := s.build(t, req)
		if files := Files(t, result); files["e"] == "" {
			t.Errorf("the files are %v", files)
		}
	})
}

// ignoreFiles checks which of several ignore files counts: each would ignore the file of its own name only.
func (s *suite) ignoreFiles(t *testing.T) {
	all := []string{"Web.containerignore", "Web.dockerignore", ".containerignore", ".dockerignore"}
	for i, first := range all {
		t.Run(first, func(t *testing.T) {
			files := map[string]string{"Web": "FROM scratch\nCOPY . /\n"}
			for _, name := range all[i:] {
				files[name] = "*" + name + "\n"
			}
			req := request(t, files)
			s.leavesNothing(t, req)
			req.Build.Dockerfile = "Web"
			if !s.supports("secrets") && first != ".dockerignore" {
				_, err := s.New().Build(t.Context(), req, resource.Discard{})
				wants(t, err, resource.ErrUnsupported, "builder "+s.Tool+" cannot honour", "rename it to .dockerignore")
				return
			}
			result, _ := s.build(t, req)
			got := Files(t, result)
			if got[first] != "" {
				t.Errorf("%s was not heeded: %v", first, got)
			}
		})
	}
}

// ignoresLargeFiles checks by its access time that a large file is not even read.
func (s *suite) ignoresLargeFiles(t *testing.T) {
	req := request(t, map[string]string{"Dockerfile": "FROM scratch\nCOPY . /\n", ".dockerignore": "large\n", "small": "1"})
	s.leavesNothing(t, req)
	past := time.Now().Add(-72 * time.Hour).Truncate(time.Second)
	paths := map[string]string{"large": filepath.Join(req.Build.Context, "large"), "small": filepath.Join(req.Build.Context, "small")}
	if err := os.WriteFile(paths["large"], nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(paths["large"], 1900<<20); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if err := os.Chtimes(path, past, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	result, _ := s.build(t, req)
	if read := !accessed(t, paths["large"]).Equal(past); read {
		t.Error("the ignored file was read")
	}
	if read := !accessed(t, paths["small"]).Equal(past); !read {
		t.Error("the file system does not keep access times: this test sees nothing")
	}
	if info, err := os.Stat(result.Archive); err != nil || info.Size() > 1<<20 {
		t.Errorf("the archive: %v, %v", info.Size(), err)
	}
}

func accessed(t *testing.T, path string) time.Time {
	t.Helper()
	var stat syscall.Stat_t
	if err := syscall.Stat(path, &stat); err != nil {
		t.Fatal(err)
	}
	return time.Unix(stat.Atim.Unix())
}

func (s *suite) unchanged(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": "FROM busybox:1\nCOPY a /a\nRUN echo x > /x\nCMD [\"sh\"]\n", "a": "1"})
	req.Build.Labels = map[string]string{"l": "1"}
	s.leavesNothing(t, req)
	first, _ := s.build(t, req)
	second := req
	second.OutputDir, second.KnownDigest = t.TempDir(), first.Digest
	again, sink := s.build(t, second)
	if again.Digest != first.Digest || again.Archive != "" {
		t.Errorf("an unchanged build gives %+v after %+v\n%s", again, first, sink)
	}
	if err := os.WriteFile(filepath.Join(req.Build.Context, "a"), []byte("2"), 0o644); err != nil {
		t.Fatal(err)
	}
	third := second
	third.OutputDir = t.TempDir()
	changed, _ := s.build(t, third)
	if changed.Digest == first.Digest || changed.Archive == "" {
		t.Errorf("a changed build gives %+v after %+v", changed, first)
	}
}

// refuses checks that what Probe lists is refused by name, and nothing runs.
func (s *suite) refuses(t *testing.T) {
	for attribute := range unsupported() {
		if !s.supports(attribute) {
			s.refusesOne(t, attribute)
		}
	}
}

// expectRefusal checks that a build is refused as something that the tool cannot do.
func (s *suite) expectRefusal(t *testing.T, req kinds.BuildRequest) {
	t.Helper()
	_, err := s.New().Build(t.Context(), req, resource.Discard{})
	wants(t, err, resource.ErrUnsupported, "builder "+s.Tool+" cannot honour build.", "--builder")
	if err != nil && strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error has the secret: %v", err)
	}
}
