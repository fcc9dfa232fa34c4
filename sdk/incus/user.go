package incus

import (
	"net/url"
	"path"
	"strings"

	"github.com/lxc/incus/v6/shared/api"
)

// User is an object that uses another one, as an entry of that one's UsedBy names it.
type User struct {
	// Kind is Incus' word for it: "instance", "profile", "image", "volume", "bucket".
	Kind string
	Name string
	// Project is the Incus project that it is in.
	Project string
}

// String is how people are told of it: "instance web-1".
func (u User) String() string { return u.Kind + " " + u.Name }

// Users reads a UsedBy list, whose entries look like "/1.0/instances/web-1?project=shop". One that does not is left out.
func Users(usedBy []string) []User {
	var out []User
	for _, use := range usedBy {
		u, err := url.Parse(use)
		if err != nil {
			continue
		}
		rest, ok := strings.CutPrefix(u.Path, "/1.0/")
		parts := strings.Split(rest, "/")
		if !ok || len(parts) < 2 {
			continue
		}
		user := User{Kind: parts[0], Name: parts[1], Project: u.Query().Get("project")}
		if len(parts) > 3 && parts[0] == "storage-pools" { // storage-pools/default/volumes/custom/data
			user.Kind, user.Name = parts[2], path.Base(rest)
		}
		user.Kind = strings.TrimSuffix(user.Kind, "s")
		if user.Project == "" {
			user.Project = api.ProjectDefaultName
		}
		out = append(out, user)
	}
	return out
}
