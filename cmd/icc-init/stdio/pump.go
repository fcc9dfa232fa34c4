package stdio

import (
	"io"
	"os"
	"syscall"
	"unsafe"
)

// source is one stream that is read, and where its bytes go. The sinks never fail.
type source struct {
	file  *os.File
	sinks []io.Writer
}

// pollFD is struct pollfd.
type pollFD struct {
	fd      int32
	events  int16
	revents int16
}

const (
	pollIn   = 1
	fionread = 0x541b // of <asm-generic/ioctls.h>
)

// bufferSize is what a pipe holds.
const bufferSize = 64 << 10

// pump copies until all sources have ended, or until stop (nil for never) is closed on its other side; then it still takes
// what is unread.
//
// One loop reads all sources. In each round it asks how much is unread, the last source first, and copies so much, the
// first source first. So nothing of the first source comes after something of a later one that was written after it; the
// other way round, only what was written within one round can change places.
//
// It asks the kernel itself, for Go's runtime would tell each of the files to another goroutine, in any order.
func pump(sources []source, stop *os.File) {
	polled := make([]pollFD, 0, len(sources)+1)
	for _, s := range sources {
		polled = append(polled, pollFD{fd: number(s.file), events: pollIn})
	}
	if stop != nil {
		polled = append(polled, pollFD{fd: number(stop), events: pollIn})
	}
	buffer, sizes := make([]byte, bufferSize), make([]int, len(sources))
	for open := len(sources); open > 0; {
		if err := poll(polled); err != nil {
			return
		}
		stopped := stop != nil && polled[len(sources)].revents != 0
		for i := len(sources) - 1; i >= 0; i-- {
			sizes[i] = unread(int(polled[i].fd))
		}
		for i, s := range sources {
			if (sizes[i] > 0 || polled[i].revents != 0) && !s.copy(int(polled[i].fd), buffer, sizes[i]) {
				polled[i].fd = -1 // is left out by the kernel
				open--
			}
		}
		if stopped {
			return
		}
	}
}

// copy takes so many bytes, or as many as come at once when their number is not known. It is false at the end, which a
// terminal whose last process is gone shows by EIO.
func (s source) copy(fd int, buffer []byte, size int) bool {
	for {
		part := buffer
		if size > 0 {
			part = buffer[:min(size, len(buffer))]
		}
		n, err := syscall.Read(fd, part)
		if err == syscall.EAGAIN || err == syscall.EINTR {
			return true
		}
		if err != nil || n <= 0 {
			return false
		}
		for _, sink := range s.sinks {
			_, _ = sink.Write(part[:n])
		}
		if size -= n; size <= 0 {
			return true
		}
	}
}

// unread is how many bytes wait in a pipe or terminal, 0 when that is not known.
func unread(fd int) int {
	n := int32(0)
	if fd < 0 || ioctl(fd, fionread, unsafe.Pointer(&n)) != nil {
		return 0
	}
	return int(n)
}

// poll waits until something can be read, or has ended.
func poll(fds []pollFD) error {
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), 0, 0, 0, 0)
		if errno == 0 {
			return nil
		}
		if errno != syscall.EINTR {
			return errno
		}
	}
}

// number is the file's descriptor, or -1 when it is closed. File.Fd would make it one that blocks.
func number(f *os.File) int32 {
	n := int32(-1)
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { n = int32(fd) })
	}
	return n
}
