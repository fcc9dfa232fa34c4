package incus

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"syscall"
	"time"

	incus "github.com/lxc/incus/v6/client"
)

// updateAttempts bounds Update: so many writers in a row mean that somebody fights with us over the object.
const updateAttempts = 6

// Update reads an object and writes it back changed, again from the reading when somebody else wrote in between.
// put changes what it gets and sends it with the ETag. Errors are mapped by MapError.
//
// Incus answers that somebody did before it has read what is to be written, and ends the connection soon after; a slow
// sender then meets a broken pipe instead of the answer. What was not read to its end, Incus has not done.
//
// Incus 7.0 compares ETags without holding a lock, so of writes in the very same moment one can still be lost:
// who writes an object that others write, too, compares once more after the write.
func Update[T any](ctx context.Context, get func() (T, string, error), put func(object T, etag string) error) error {
	var err error
	for attempt := range updateAttempts {
		if err = Pause(ctx, time.Duration(attempt)*20*time.Millisecond); err != nil {
			return err
		}
		object, etag, getErr := get()
		if getErr != nil {
			return MapError(getErr)
		}
		if err = put(object, etag); !IsPreconditionFailed(err) && !errors.Is(err, syscall.EPIPE) {
			return MapError(err)
		}
	}
	return MapError(fmt.Errorf("somebody else keeps changing it: %w", err))
}

// Retry runs do again while the instance it works on is busy with another operation, until ctx ends or half a minute
// has passed.
func Retry(ctx context.Context, do func() error) error {
	const patience = 30 * time.Second
	wait, until := 25*time.Millisecond, time.Now().Add(patience)
	for {
		err := do()
		if !IsBusy(err) || time.Now().After(until) {
			return err
		}
		if err := Pause(ctx, wait); err != nil {
			return err
		}
		wait = min(2*wait, time.Second)
	}
}

// PatchConfig sets single configuration keys of an object and leaves everything else alone, so it needs no ETag.
// The object is named by its path below /1.0, for example "instances", "shop-web-1".
func PatchConfig(server incus.InstanceServer, config map[string]string, path ...string) error {
	info, err := server.GetConnectionInfo()
	if err != nil {
		return err
	}
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	u := "/1.0/" + strings.Join(path, "/") + "?project=" + url.QueryEscape(info.Project)
	_, _, err = server.RawQuery("PATCH", u, map[string]any{"config": config}, "")
	return MapError(err)
}

// Listed turns the failure of a listing into an empty list when the Incus project does not exist: nothing is in it then.
// Other errors are mapped by MapError.
func Listed[T any](items []T, err error) ([]T, error) {
	if IsProjectMissing(err) {
		return nil, nil
	}
	return items, MapError(err)
}

// Pause waits, but not beyond ctx; its error is the cause of ctx's end.
func Pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
