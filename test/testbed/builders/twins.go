package builders

import (
	"testing"
)

// twins checks that a build whose steps have run twice, as builds at the same time make them, still gives the image that
// the asker has.
func (s *suite) twins(t *testing.T) {
	req := request(t, map[string]string{"Containerfile": stamped + "COPY a /a\n", "a": "1"})
	s.leavesNothing(t, req)
	first, _ := s.build(t, req)
	twin := req
	twin.OutputDir, twin.Build.NoCache = t.TempDir(), true
	second, _ := s.build(t, twin)
	if first.Digest == second.Digest {
		t.Fatal("the steps did not run twice")
	}
	for _, known := range []string{first.Digest, second.Digest} {
		again := req
		again.OutputDir, again.KnownDigest = t.TempDir(), known
		got, sink := s.build(t, again)
		if s.Either && (got.Digest == first.Digest || got.Digest == second.Digest) {
			continue
		}
		if got.Digest != known || got.Archive != "" {
			t.Errorf("the build gives %s though the asker has %s\n%s", got.Digest, known, sink)
		}
	}
}
