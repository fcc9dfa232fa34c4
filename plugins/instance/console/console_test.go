package console

import (
	"bytes"
	"testing"
)

func TestTailReturnsTheLastLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		n    int
		want string
	}{
		{"a\nb\nc\n", 2, "b\nc\n"}, {"a\nb\nc", 2, "b\nc"}, {"a\nb\n", 5, "a\nb\n"}, {"a\nb\n", -1, "a\nb\n"}, {"a\nb\n", 0, ""},
		{"", 3, ""}, {"\n\n", 1, "\n"}, {"a", 0, ""},
	} {
		if got := Tail([]byte(test.text), test.n); string(got) != test.want {
			t.Errorf("the last %d of %q are %q, want %q", test.n, test.text, got, test.want)
		}
	}
}

func TestOnlyWhatIsNewIsAdded(t *testing.T) {
	t.Parallel()
	long := string(bytes.Repeat([]byte("a line of some length\n"), 10))
	for name, test := range map[string]struct {
		stored, merged string
		piece          piece
		want           string
	}{
		"the ring's content, even when it repeats":      {"tick\n", "", piece{text: []byte("tick\n")}, "tick\n"},
		"a short run's file":                            {"", "", piece{text: []byte("done\n"), final: true, mark: "m"}, "done\n"},
		"the file that repeats all":                     {"a\nb\n", "", piece{text: []byte("a\nb\n"), final: true, mark: "m"}, ""},
		"the file that another machine has read from":   {"a\n", "", piece{text: []byte("a\nb\n"), final: true, mark: "m"}, "b\n"},
		"the rest of the ring":                          {"tick\ntick\n", "", piece{text: []byte("tick\n"), final: true, mark: "m"}, "tick\n"},
		"the rest of the ring, asked for again":         {"tick\ntick\n", "m", piece{text: []byte("tick\n"), final: true, mark: "m"}, ""},
		"the file of a run after others were stored":    {"earlier\n" + long, "", piece{text: []byte(long), final: true, mark: "m"}, ""},
		"the rest of another run with the same content": {"tick\n", "m", piece{text: []byte("tock\n"), final: true, mark: "n"}, "tock\n"},
	} {
		if got := added([]byte(test.stored), test.merged, test.piece); string(got) != test.want {
			t.Errorf("%s: adds %q, want %q", name, got, test.want)
		}
	}
}

func TestTheStoreKeepsAndForgets(t *testing.T) {
	t.Parallel()
	s := Store{Dir: t.TempDir()}
	write := func(id, text string) []byte {
		f, err := s.open("project", "web-1", id)
		if err != nil {
			t.Fatal(err)
		}
		defer f.close()
		stored, err := f.read()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.append(stored, []byte(text)); err != nil {
			t.Fatal(err)
		}
		all, err := f.read()
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	write("one", "a\n")
	if got := write("one", "b\n"); string(got) != "a\nb\n" {
		t.Errorf("it keeps %q", got)
	}
	if got := write("two", "c\n"); string(got) != "c\n" {
		t.Errorf("an instance of the same name finds %q", got)
	}
	big := bytes.Repeat([]byte("x"), maxStored-1)
	write("one", string(big))
	if got := write("one", "end"); len(got) > maxStored || !bytes.HasSuffix(got, []byte("xend")) {
		t.Errorf("a log too large has %d bytes", len(got))
	}
	if err := s.Forget("project", "web-1"); err != nil {
		t.Fatal(err)
	}
	if got := write("one", ""); len(got) != 0 {
		t.Errorf("forgotten, it still has %d bytes", len(got))
	}
}

func TestHalfALineEndIsLeftForLater(t *testing.T) {
	t.Parallel()
	shown := 3
	if got := whole([]byte("ab\r"), &shown); string(got) != "ab" || shown != 2 {
		t.Errorf("it shows %q and %d bytes", got, shown)
	}
	if got := Clean([]byte("a\r\nb\rc\r\n")); string(got) != "a\nb\rc\n" {
		t.Errorf("cleaned: %q", got)
	}
}
