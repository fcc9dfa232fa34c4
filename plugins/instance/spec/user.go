package spec

import (
	"strconv"
	"strings"
)

// UserName is a user, and optionally a group, that has to be looked up in the image. Either may be a number.
type UserName struct {
	User, Group string
}

// ParseUser splits "user[:group]".
func ParseUser(s string) UserName {
	user, group, _ := strings.Cut(s, ":")
	return UserName{User: user, Group: group}
}

// Numbers returns the ids when no look-up is needed: both are numbers, or the user is root.
func (u UserName) Numbers() (uid, gid uint32, ok bool) {
	uid, uidOK := number(u.User)
	if u.User == "root" {
		uid, uidOK = 0, true
	}
	if u.Group == "" {
		return uid, 0, uidOK && uid == 0
	}
	gid, gidOK := number(u.Group)
	if u.Group == "root" {
		gid, gidOK = 0, true
	}
	return uid, gid, uidOK && gidOK
}

func number(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}

// user writes the ids of the process. Without a user the server takes the image's own, which it has resolved itself.
func (t *translation) user() error {
	if t.Config.User == "" || !t.oci() || t.supervised() {
		return nil
	}
	u := ParseUser(t.Config.User)
	if uid, gid, ok := u.Numbers(); ok {
		t.out.SetUser(uid, gid)
		return nil
	}
	t.out.User = &u
	t.set(KeyUser, t.Config.User)
	return nil
}

// SetUser sets the ids of the process once they are known.
func (i *Instance) SetUser(uid, gid uint32) {
	i.Config["oci.uid"] = strconv.FormatUint(uint64(uid), 10)
	i.Config["oci.gid"] = strconv.FormatUint(uint64(gid), 10)
}
