package resolver

import (
	"net/netip"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

func TestNoMessageIsTooStrange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		question, other := rapid.SliceOf(rapid.Byte()).Draw(t, "question"), rapid.SliceOf(rapid.Byte()).Draw(t, "other")
		if !isQuestion(question) {
			return
		}
		answers(other, question)
		f := failure(question)
		if !answers(f, question) || !declined(f) && f[3]&maskCode != codeFormat {
			t.Fatalf("%x fails with %x", question, f)
		}
	})
}

func TestNamesAreComparedWithoutCase(t *testing.T) {
	t.Parallel()
	if q := query(1, "web"); !answers(reply(query(1, "WEB"), 0, ""), q) || answers(reply(query(1, "wab"), 0, ""), q) {
		t.Error("WEB is web, and wab is not")
	}
}

func TestAddressesAreReadAsTheLibraryDoes(t *testing.T) {
	t.Parallel()
	words := rapid.OneOf(
		rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){2,4}`),
		rapid.StringMatching(`([0-9a-f]{0,4}:){1,8}[0-9a-f]{0,5}`),
		rapid.StringMatching(`([0-9a-f]{1,4}:){1,6}([0-9]{1,3}\.){3}[0-9]{1,3}`),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) string { return netip.AddrFrom16([16]byte(b)).String() }),
	)
	rapid.Check(t, func(t *rapid.T) {
		text := words.Draw(t, "text")
		want, err := netip.ParseAddr(text)
		got, ok := parseAddress(text, 53)
		if err != nil {
			return // a stray zero or colon more does no harm: Incus and the compose file are checked elsewhere
		}
		if want.Is4() {
			ip := want.As4()
			ok = ok && got.family == syscall.AF_INET && [4]byte(got.ip[:4]) == ip
		} else {
			ok = ok && got.family == syscall.AF_INET6 && got.ip == want.As16()
		}
		if !ok {
			t.Fatalf("%s is read as %+v", text, got)
		}
	})
}
