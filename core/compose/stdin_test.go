package compose

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTheStandardInputIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]io.Reader{
		"at once":      strings.NewReader("some text"),
		"byte by byte": iotest.OneByteReader(strings.NewReader("some text")),
		"with its end": iotest.DataErrReader(strings.NewReader("some text")),
		"nothing":      strings.NewReader(""),
	} {
		r := Rereadable(from)
		var got []string
		for range 3 {
			text, err := io.ReadAll(r)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			got = append(got, string(text))
		}
		if got[1] != got[0] || got[2] != got[0] || got[0] != "some text" && name != "nothing" {
			t.Errorf("%s: read %q", name, got)
		}
	}
}

func TestTheNameOfAFileOnTheStandardInputOutlivesAFailedLoad(t *testing.T) {
	t.Parallel()
	o := LoadOptions{
		WorkingDir: t.TempDir(), Environment: []string{}, Files: []string{stdinName},
		Stdin: Rereadable(strings.NewReader("name: shop\nservices: {web: {imag: x}}\n")),
	}
	if _, err := Load(t.Context(), o); err == nil {
		t.Fatal("the file has a mistake")
	}
	if name, err := ProjectName(o); name != "shop" || err != nil {
		t.Errorf("the project is called %q, %v", name, err)
	}
}
