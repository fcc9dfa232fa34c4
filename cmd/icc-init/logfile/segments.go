package logfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/icc-project/icc/sdk/initspec"
)

// segments are the files of a log. Only the last one is written.
type segments struct {
	dir string
	limits

	file   *os.File // nil before the first append and after a failure to open the next
	number uint64
	size   int64
	torn   bool // the file ends within an entry, whose rest is the next to be written
}

// append writes whole entries; of those it could not write, it returns the rest.
func (s *segments) append(batch []byte) ([]byte, error) {
	for len(batch) > 0 {
		if err := s.ready(); err != nil {
			return batch, err
		}
		if s.torn && s.size == 0 { // the beginning went with the file before
			_, batch, _ = bytes.Cut(batch, []byte{'\n'})
			s.torn = false
			continue
		}
		n := s.fit(batch)
		if n == 0 {
			s.close()
			if err := s.create(); err != nil {
				return batch, err
			}
			continue
		}
		written, err := s.file.Write(batch[:n])
		s.size += int64(written)
		s.torn = written > 0 && batch[written-1] != '\n' || written == 0 && s.torn
		batch = batch[written:]
		if err != nil {
			return batch, fmt.Errorf("writing the log: %w", err)
		}
	}
	return nil, nil
}

// fit returns how much of the batch belongs into the file: as many entries as its size allows, at least one.
func (s *segments) fit(batch []byte) int {
	first := bytes.IndexByte(batch, '\n') + 1
	if s.torn {
		return first
	}
	room := min(max(s.maxSize.Load()-s.size, 0), int64(len(batch)))
	if n := bytes.LastIndexByte(batch[:room], '\n') + 1; n > 0 {
		return n
	}
	if s.size == 0 {
		return first
	}
	return 0
}

// ready opens the file, also when somebody has removed it: what is written to a removed file is lost.
func (s *segments) ready() error {
	if s.file != nil {
		info, err := s.file.Stat()
		if err == nil && info.Sys().(*syscall.Stat_t).Nlink > 0 {
			return nil
		}
		s.close()
		return s.create()
	}
	if s.number > 0 {
		return s.create()
	}
	return s.resume()
}

// resume goes on with the last file of an earlier run.
func (s *segments) resume() error {
	numbers, err := s.list()
	if err != nil {
		return err
	}
	if len(numbers) == 0 {
		return s.create()
	}
	s.number = numbers[len(numbers)-1]
	var paths []string
	for _, n := range numbers {
		paths = append(paths, s.path(n))
	}
	if s.size, err = repair(paths); err != nil {
		return err
	}
	if s.size >= s.maxSize.Load() {
		return s.create()
	}
	return s.open(os.O_APPEND)
}

// create begins the next file. The oldest ones make room for it first: the disk may be full.
func (s *segments) create() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("making the log directory: %w", err)
	}
	numbers, err := s.list()
	if err != nil {
		return err
	}
	for len(numbers) >= int(s.maxFiles.Load()) {
		if err := os.Remove(s.path(numbers[0])); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("removing an old log: %w", err)
		}
		numbers = numbers[1:]
	}
	s.number++
	s.size = 0
	return s.open(os.O_APPEND | os.O_CREATE | os.O_EXCL)
}

func (s *segments) open(flag int) error {
	file, err := os.OpenFile(s.path(s.number), os.O_WRONLY|flag, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	s.file = file
	return nil
}

func (s *segments) close() {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
}

func (s *segments) path(n uint64) string { return filepath.Join(s.dir, initspec.SegmentName(n)) }

// list returns the numbers of the files there are, the oldest first.
func (s *segments) list() ([]uint64, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("listing the log: %w", err)
	}
	var numbers []uint64
	for _, entry := range entries {
		if n, ok := initspec.SegmentNumber(entry.Name()); ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}
