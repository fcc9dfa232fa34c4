package users

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Identity is who a process is.
type Identity struct {
	UID, GID int
	// Groups are the supplementary ones, the primary one among them.
	Groups []int
	// Home is the directory by /etc/passwd, "/" when the user is not in it.
	Home string
}

// Database is the content of /etc/passwd and /etc/group.
type Database struct{ Passwd, Group string }

// UnknownError says that a name is in neither file, or a number is none.
type UnknownError struct{ Kind, Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("unknown %s %q", e.Kind, e.Name) }

// maxID is the greatest number Docker takes.
const maxID = 1<<31 - 1

// Resolve finds user ("", "name", "1000", "name:group", "1000:1000") and the additional groups. As with Docker, a named
// or listed user has its own supplementary groups unless a group is given.
func (d Database) Resolve(user string, additional []string) (Identity, error) {
	name, group, hasGroup := strings.Cut(user, ":")
	if name == "" {
		name = "0"
	}
	id := Identity{Home: "/"}
	entry, found := d.user(name)
	switch {
	case found:
		id.UID, id.GID, id.Home = entry.uid, entry.gid, entry.home
	default:
		uid, ok := number(name)
		if !ok && name != "root" {
			return Identity{}, &UnknownError{"user", name}
		}
		id.UID = uid
	}
	switch {
	case hasGroup && group != "":
		gid, err := d.groupID(group)
		if err != nil {
			return Identity{}, err
		}
		id.GID = gid
	case found:
		id.Groups = d.groupsOf(entry.name)
	}
	for _, g := range additional {
		gid, err := d.groupID(g)
		if err != nil {
			return Identity{}, err
		}
		if !slices.Contains(id.Groups, gid) {
			id.Groups = append(id.Groups, gid)
		}
	}
	if !slices.Contains(id.Groups, id.GID) {
		// Else a program could give its group up, and escape permissions that the group does not have.
		id.Groups = slices.Insert(id.Groups, 0, id.GID)
	}
	return id, nil
}

type userEntry struct {
	name     string
	uid, gid int
	home     string
}

// user finds an entry by name, and by number when no name fits.
func (d Database) user(name string) (userEntry, bool) {
	uid, numeric := number(name)
	var byNumber *userEntry
	for line := range strings.Lines(d.Passwd) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 4 {
			continue
		}
		e := userEntry{name: f[0], home: "/"}
		var okUID, okGID bool
		if e.uid, okUID = number(f[2]); !okUID {
			continue
		}
		if e.gid, okGID = number(f[3]); !okGID {
			continue
		}
		if len(f) > 5 && f[5] != "" {
			e.home = f[5]
		}
		if e.name == name {
			return e, true
		}
		if numeric && e.uid == uid && byNumber == nil {
			byNumber = &e
		}
	}
	if byNumber != nil {
		return *byNumber, true
	}
	return userEntry{}, false
}

func (d Database) groupID(group string) (int, error) {
	gid, numeric := number(group)
	for _, g := range d.groups() {
		if g.name == group {
			return g.gid, nil
		}
	}
	if !numeric {
		return 0, &UnknownError{"group", group}
	}
	return gid, nil
}

func (d Database) groupsOf(user string) []int {
	var ids []int
	for _, g := range d.groups() {
		if slices.Contains(g.members, user) && !slices.Contains(ids, g.gid) {
			ids = append(ids, g.gid)
		}
	}
	return ids
}

type groupEntry struct {
	name    string
	gid     int
	members []string
}

func (d Database) groups() []groupEntry {
	var all []groupEntry
	for line := range strings.Lines(d.Group) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 3 {
			continue
		}
		gid, ok := number(f[2])
		if !ok {
			continue
		}
		g := groupEntry{name: f[0], gid: gid}
		if len(f) > 3 && f[3] != "" {
			g.members = strings.Split(f[3], ",")
		}
		all = append(all, g)
	}
	return all
}

func number(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= maxID
}
