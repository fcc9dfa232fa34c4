package runlog

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/sdk/initspec"
)

const (
	// blockSize is how much is asked for at once.
	blockSize = 1 << 20
	// maxLine bounds a line of a segment. icc-init writes far shorter ones; what is longer was not written by it.
	maxLine = 1 << 20
)

// cursor walks forward through a log.
type cursor struct {
	segments
	at   position // of the first byte that was not handed out
	file *runtime.File
	rest []byte // read from at on, and not a whole line yet
	skip bool   // until the next line break
	// limit ends the walk; the zero position means there is none.
	limit position
	// take gets each entry, whose text is only valid during the call.
	take func(initspec.Entry)
	// lost is called when segments were removed before they were read.
	lost func()
}

// advance hands out everything that is there and reports whether that was anything.
func (c *cursor) advance(ctx context.Context) (bool, error) {
	any := false
	for {
		if c.file == nil {
			if opened, err := c.open(ctx); err != nil || !opened {
				return any, err
			}
		}
		// The order matters: once the next segment is there, nothing is added to this one.
		next, err := c.hasNext(ctx)
		if err != nil {
			return any, err
		}
		some, err := c.drain(ctx)
		any = any || some
		switch {
		case err != nil:
			return any, err
		case c.file == nil: // it is gone: look what there is
		case !next:
			return any, nil
		default:
			c.enter(c.at.segment + 1)
		}
	}
}

// open opens the segment of the position, or the oldest one after it when it was removed.
func (c *cursor) open(ctx context.Context) (bool, error) {
	for {
		if c.at.segment > 0 {
			f, err := c.volume.OpenFile(ctx, c.name(c.at.segment))
			if err == nil {
				c.file = f
				return true, nil
			}
			if !errors.Is(err, fs.ErrNotExist) {
				return false, err
			}
		}
		all, err := c.list(ctx)
		if err != nil || len(all) == 0 {
			return false, err
		}
		c.jump(all)
		if c.limit.segment > 0 && c.at.segment > c.limit.segment {
			return false, nil
		}
	}
}

// jump goes to the oldest segment from the position on. When all are older than it, the log was begun anew.
func (c *cursor) jump(all []segment) {
	was := c.at
	for _, s := range all {
		if s.number >= was.segment {
			c.enter(s.number)
			if was.segment > 0 && s.number > was.segment {
				c.lost()
			}
			if s.number == was.segment {
				c.at.offset = was.offset
			}
			return
		}
	}
	c.enter(all[0].number)
}

// enter goes to the beginning of a segment.
func (c *cursor) enter(number uint64) {
	c.close()
	c.at, c.rest, c.skip = position{segment: number}, nil, false
}

func (c *cursor) close() {
	if c.file != nil {
		c.file.Close()
		c.file = nil
	}
}

func (c *cursor) hasNext(ctx context.Context) (bool, error) {
	if c.limit.segment > 0 {
		return c.at.segment < c.limit.segment, nil
	}
	_, exists, err := c.volume.Size(ctx, c.name(c.at.segment+1))
	return exists, err
}

// drain hands out the rest of the segment.
func (c *cursor) drain(ctx context.Context) (bool, error) {
	any := false
	for {
		size, err := c.file.Size(ctx)
		if errors.Is(err, fs.ErrNotExist) { // the connection was replaced, and the file was removed
			c.close()
			return any, nil
		}
		if err != nil {
			return any, err
		}
		if c.limit.segment == c.at.segment {
			size = min(size, c.limit.offset)
		}
		from := c.at.offset + int64(len(c.rest))
		if size <= from {
			return any, nil
		}
		data, err := c.file.ReadAt(ctx, int(min(size-from, blockSize)), from)
		if err != nil || len(data) == 0 {
			return any, err
		}
		any = true
		c.split(data)
	}
}

// split hands out the whole lines and keeps what is left.
func (c *cursor) split(data []byte) {
	if len(c.rest) > 0 {
		data = append(c.rest, data...)
	}
	for {
		line, rest, ok := bytes.Cut(data, []byte{'\n'})
		if !ok {
			break
		}
		c.at.offset += int64(len(line)) + 1
		if e, err := initspec.ParseEntry(line); err == nil && !c.skip {
			c.take(e)
		}
		data, c.skip = rest, false
	}
	if len(data) > maxLine {
		c.at.offset += int64(len(data))
		data, c.skip = nil, true
	}
	c.rest = bytes.Clone(data)
}

// replaced reports whether the segment's name belongs to another file by now, or to none: the log was begun anew, or
// rotation has overtaken the cursor. It is asked when nothing has come for a while.
func (c *cursor) replaced(ctx context.Context) (bool, error) {
	if c.file == nil {
		return false, nil
	}
	before, err := c.file.Size(ctx)
	if err != nil {
		return false, err
	}
	named, exists, err := c.volume.Size(ctx, c.name(c.at.segment))
	if err != nil || !exists {
		return !exists, err
	}
	after, err := c.file.Size(ctx)
	return named < before || named > after, err
}

// reopen goes on with whatever is there now, after replaced.
func (c *cursor) reopen(ctx context.Context) error {
	all, err := c.list(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	if last := all[len(all)-1].number; last <= c.at.segment {
		c.enter(all[0].number) // begun anew
		return nil
	}
	c.enter(c.at.segment + 1) // this one is read to its end
	return nil
}
