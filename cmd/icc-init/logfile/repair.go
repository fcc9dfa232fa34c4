package logfile

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
)

// tailSize is how much of a log's end is looked at for lines that an earlier run has left unfinished.
const tailSize = 64 << 10

// repair ends what a crash or the end of an earlier run has left unfinished: an entry without its line break, and for each
// stream a line without its last part. The paths are those of all files; it returns the size of the last one.
func repair(paths []string) (int64, error) {
	var tail []byte
	for i := len(paths) - 1; i >= 0 && len(tail) < tailSize; i-- {
		end, err := readEnd(paths[i], tailSize-len(tail))
		if err != nil {
			return 0, fmt.Errorf("reading the log: %w", err)
		}
		tail = append(end, tail...)
	}
	file, err := os.OpenFile(paths[len(paths)-1], os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return 0, fmt.Errorf("opening the log: %w", err)
	}
	defer file.Close()
	if _, err := file.Write(closing(tail)); err != nil {
		return 0, fmt.Errorf("repairing the log: %w", err)
	}
	return file.Seek(0, io.SeekEnd)
}

func readEnd(path string, size int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	all, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.NewSectionReader(file, max(all-int64(size), 0), int64(size)))
}

// closing returns what must follow the tail of a log for the next line of each stream to begin anew. Its time is just
// after the last entry's, because entries of now are already waiting to be written.
func closing(tail []byte) []byte {
	var missing []byte
	if len(tail) > 0 && tail[len(tail)-1] != '\n' {
		missing = append(missing, '\n')
	}
	var last time.Time
	open := map[string]bool{}
	for line := range bytes.SplitSeq(tail, []byte{'\n'}) {
		if entry, err := initspec.ParseEntry(line); err == nil {
			open[entry.Stream], last = entry.Partial, entry.Time
		}
	}
	for _, stream := range []string{initspec.Stdout, initspec.Stderr} {
		if open[stream] {
			last = last.Add(1)
			missing = initspec.AppendEntry(missing, initspec.Entry{Time: last, Stream: stream})
		}
	}
	return missing
}
