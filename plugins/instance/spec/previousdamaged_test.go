package spec

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

func TestADamagedRecordOfWhatAnInstanceWas(t *testing.T) {
	t.Parallel()
	empty, err := previous{}.pack()
	if err != nil {
		t.Fatal(err)
	}
	for name, record := range map[string]string{"rubbish": "{garbage", "half a record": empty[:len(empty)/2], "an empty record": empty} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			have := &api.Instance{Name: "shop-web-1", InstancePut: api.InstancePut{Config: map[string]string{
				KeyPrevious: record, resource.KeyHash: "now",
			}}}
			_, err := Previous(have, RuntimeVolume{}, time.Now())
			if !errors.Is(err, resource.ErrInvalidFormat) || !strings.Contains(err.Error(), KeyPrevious) || resource.Hint(err) == "" {
				t.Errorf("the error is %v", err)
			}
			next := Instance{Name: have.Name, Hash: "next", Config: map[string]string{}}
			if err := next.RememberStill(have, time.Now()); err != nil || next.Config[KeyPrevious] == "" {
				t.Errorf("the next change is refused: %v", err)
			}
		})
	}
}
