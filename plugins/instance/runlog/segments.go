package runlog

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"

	"github.com/icc-project/icc/plugins/instance/runtime"
	"github.com/icc-project/icc/sdk/initspec"
)

// segments are the files of one log.
type segments struct {
	volume *runtime.Volume
	dir    string
}

// position is a place in a log.
type position struct {
	segment uint64
	offset  int64
}

// segment is one file as a listing shows it.
type segment struct {
	number uint64
	size   int64
}

func (s segments) name(number uint64) string { return path.Join(s.dir, initspec.SegmentName(number)) }

// list returns the segments in their order. A log that was never begun has none.
func (s segments) list(ctx context.Context) ([]segment, error) {
	files, err := s.volume.List(ctx, s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []segment
	for _, f := range files {
		if n, ok := initspec.SegmentNumber(f.Name()); ok && f.Mode().IsRegular() {
			found = append(found, segment{n, f.Size()})
		}
	}
	slices.SortFunc(found, func(a, b segment) int {
		if a.number < b.number {
			return -1
		}
		return 1
	})
	return found, nil
}

// end returns the position after the last segment.
func end(all []segment) position {
	if len(all) == 0 {
		return position{}
	}
	last := all[len(all)-1]
	return position{last.number, last.size}
}

// firstLine returns the beginning of a segment up to its first line break.
func (s segments) firstLine(ctx context.Context, number uint64) ([]byte, error) {
	f, err := s.volume.OpenFile(ctx, s.name(number))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head, err := f.ReadAt(ctx, headSize, 0)
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	return line, err
}

// headSize is enough for a line's time and stream.
const headSize = 256
