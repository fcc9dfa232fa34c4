package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/kinds"
)

func TestAnImageIsFreshUntilItIsUsed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	for name, tt := range map[string]struct {
		uploaded, pulled, used time.Time
		want                   bool
	}{
		"fetched just now":                    {uploaded: ago(time.Minute), want: true},
		"fetched yesterday":                   {uploaded: ago(day)},
		"fetched just now and used":           {uploaded: ago(time.Minute), used: ago(time.Second)},
		"used yesterday, asked for just now":  {uploaded: ago(2 * day), pulled: ago(time.Minute), used: ago(day), want: true},
		"asked for yesterday, used just now":  {uploaded: ago(2 * day), pulled: ago(day), used: ago(time.Minute)},
		"fetched before, asked for yesterday": {uploaded: ago(2 * day), pulled: ago(day)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := kinds.CachedImage{Names: []kinds.ImageName{{}, {Pulled: tt.pulled}}}
			if got := fresh(c, api.Image{UploadedAt: tt.uploaded, LastUsedAt: tt.used}, now); got != tt.want {
				t.Errorf("fresh is %t", got)
			}
		})
	}
}

func TestImagesOfWhatAnInstanceWasAreFound(t *testing.T) {
	t.Parallel()
	const one, two = "aa00000000000000000000000000000000000000000000000000000000000001", "bb00000000000000000000000000000000000000000000000000000000000002"
	got := previousImages(map[string]string{
		"user.icc.previous.image": one, "user.icc.previous": `{"fingerprint":"` + two + `"}`, "user.other": two, "user.icc.previous.n": "3",
	})
	if len(got) != 2 || cmp.Diff(map[string]bool{one: true, two: true}, map[string]bool{got[0]: true, got[1]: true}) != "" {
		t.Errorf("got %q", got)
	}
}
