package runlog

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// holding returns the newest segment that begins before a time: older ones have nothing from that time on.
func (s segments) holding(ctx context.Context, all []segment, since time.Time) (uint64, error) {
	for i := len(all) - 1; i > 0; i-- {
		head, err := s.firstLine(ctx, all[i].number)
		if errors.Is(err, fs.ErrNotExist) {
			return all[min(i+1, len(all)-1)].number, nil // removed meanwhile, and the older ones with it
		}
		if err != nil {
			return 0, err
		}
		if e, err := initspec.ParseEntry(head); err == nil && e.Time.Before(since) {
			return all[i].number, nil
		}
	}
	return all[0].number, nil
}
