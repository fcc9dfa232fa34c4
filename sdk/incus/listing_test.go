package incus

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"
)

func TestListingHandsOnWhatTheServerSays(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.String()
		if r.URL.Query().Get("project") != "shop" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"type":"error","error":"Project not found","error_code":404}`))
			return
		}
		reply(w, []api.Network{{Name: "front"}, {Name: "back"}})
	})
	server, err := Dial(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := Listing(server, "/1.0/networks", url.Values{"filter": {"name eq front"}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := <-asked, "/1.0/networks?filter=name+eq+front&project=shop&recursion=1"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	networks, err := ParseListing[api.Network](raw)
	if err != nil || len(networks) != 2 || networks[1].Name != "back" {
		t.Errorf("%v, %+v", err, networks)
	}
	if raw, err := Listing(server.UseProject("other"), "/1.0/networks", nil); !IsProjectMissing(err) || raw != nil {
		t.Errorf("of a project that does not exist: %s, %v", raw, err)
	}
}

func TestParseListing(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][]string{"": nil, "null": nil, "[]": {}, `["a"]`: {"a"}} {
		got, err := ParseListing[string]([]byte(raw))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v\n%s", raw, err, diff)
		}
	}
	if _, err := ParseListing[string]([]byte("{}")); err == nil {
		t.Error("what is no list was read")
	}
}
