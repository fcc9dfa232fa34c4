package passwd

import (
	"errors"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

const (
	users = "root:x:0:0:root:/root:/bin/sh\nbroken\nredis:x:999:998::/home/redis:/bin/sh\n77:x:5:5::/odd:/bin/sh\n"
	group = "root:x:0:\nstaff:x:50:redis\nbroken:x\n"
)

func TestUsersAreFoundAsDockerFindsThem(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		user, group string
		want        ID
	}{
		{"redis", "", ID{999, 998, "/home/redis"}},
		{"999", "", ID{999, 998, "/home/redis"}},
		{"redis", "staff", ID{999, 50, "/home/redis"}},
		{"redis", "7", ID{999, 7, "/home/redis"}},
		{"4321", "", ID{4321, 0, "/"}},
		{"4321", "staff", ID{4321, 50, "/"}},
		{"77", "", ID{5, 5, "/odd"}},
		{"", "", ID{0, 0, "/root"}},
	} {
		if got, err := Find(test.user, test.group, users, group); err != nil || got != test.want {
			t.Errorf("%s:%s is %+v, %v, want %+v", test.user, test.group, got, err, test.want)
		}
	}
}

func TestUnknownNamesAreErrorsWithAHint(t *testing.T) {
	t.Parallel()
	for _, test := range [][2]string{{"nobody", ""}, {"redis", "nogroup"}, {"broken", ""}, {"redis", "broken"}} {
		_, err := Find(test[0], test[1], users, group)
		if !errors.Is(err, resource.ErrConfig) || resource.Hint(err) == "" {
			t.Errorf("%v: %v", test, err)
		}
	}
	if _, err := Find("redis", "", "", ""); err == nil {
		t.Error("an image without a user database knows redis")
	}
	if id, err := Find("5", "6", "", ""); err != nil || id != (ID{5, 6, "/"}) {
		t.Errorf("numbers without a user database: %+v, %v", id, err)
	}
}
