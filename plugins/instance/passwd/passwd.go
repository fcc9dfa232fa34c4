package passwd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// ID is whom a process runs as.
type ID struct {
	UID, GID uint32
	// Home is the user's directory, "/" when the database does not know the user.
	Home string
}

// Find looks up a user and, unless it is empty, a group. users and groups are the contents of /etc/passwd and
// /etc/group. Without a group the user's own counts.
func Find(user, group, users, groups string) (ID, error) {
	id, err := findUser(user, users)
	if err != nil || group == "" {
		return id, err
	}
	id.GID, err = findGroup(group, groups)
	return id, err
}

func findUser(user, users string) (ID, error) {
	number, numeric := parse(user)
	if user == "" {
		number, numeric = 0, true
	}
	for line := range strings.Lines(users) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 6 {
			continue
		}
		uid, ok := parse(f[2])
		gid, ok2 := parse(f[3])
		if ok && ok2 && (f[0] == user || numeric && uid == number) {
			return ID{UID: uid, GID: gid, Home: f[5]}, nil
		}
	}
	if !numeric {
		return ID{}, unknown("user", user, "passwd")
	}
	return ID{UID: number, Home: "/"}, nil
}

func findGroup(group, groups string) (uint32, error) {
	if number, ok := parse(group); ok {
		return number, nil
	}
	for line := range strings.Lines(groups) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 3 || f[0] != group {
			continue
		}
		if gid, ok := parse(f[2]); ok {
			return gid, nil
		}
	}
	return 0, unknown("group", group, "group")
}

func unknown(what, name, file string) error {
	return resource.ErrConfig.WithText(fmt.Sprintf("there is no %s %q in the image's /etc/%s", what, name, file)).
		WithHint(fmt.Sprintf("name a %s that the image has, or give a number", what))
}

func parse(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}
