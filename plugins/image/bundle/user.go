package bundle

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// User is who an image's process runs as.
type User struct {
	UID  uint32 `json:"uid"`
	GID  uint32 `json:"gid"`
	home string
}

// FindUser reads an image's USER, "user[:group]" by name or number, with the image's own accounts.
func FindUser(user string, passwd, group []byte) (User, error) {
	name, groupName, hasGroup := strings.Cut(user, ":")
	if name == "" {
		name = "0"
	}
	out := User{home: "/"}
	uid, numeric := number(name)
	account := find(passwd, func(f []string) bool {
		return len(f) >= 6 && (f[0] == name || numeric && f[2] == strconv.FormatUint(uint64(uid), 10))
	})
	switch {
	case account != nil:
		out.UID, _ = number(account[2])
		out.GID, _ = number(account[3])
		out.home = account[5]
	case numeric:
		out.UID = uid
	default:
		return User{}, unknown("user", name, "/etc/passwd")
	}
	if out.UID == 0 && account == nil {
		out.home = "/root"
	}
	if !hasGroup || groupName == "" {
		return out, nil
	}
	gid, numeric := number(groupName)
	if entry := find(group, func(f []string) bool { return len(f) >= 3 && f[0] == groupName }); entry != nil {
		out.GID, _ = number(entry[2])
	} else if numeric {
		out.GID = gid
	} else {
		return User{}, unknown("group", groupName, "/etc/group")
	}
	return out, nil
}

func find(file []byte, match func(fields []string) bool) []string {
	for line := range strings.Lines(string(file)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); match(f) {
			return f
		}
	}
	return nil
}

func number(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}

func unknown(what, name, file string) error {
	return resource.ErrImageSource.
		WithText(fmt.Sprintf("the image wants to run as %s %q, which its %s does not have", what, name, file)).
		WithHint("create it in the Containerfile, or use a number in USER")
}
