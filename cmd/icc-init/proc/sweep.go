package proc

import (
	"os"
	"strconv"
	"syscall"
	"time"
)

// Sweep ends all processes but PID 1, this one and those that are icc-init themselves (attached clients are about to
// report how it ended). They get SIGTERM, and after the patience SIGKILL; with no patience SIGKILL at once. Whoever is
// not PID 1 has no right to that, and does nothing.
func Sweep(patience time.Duration) {
	if os.Getpid() != 1 {
		return
	}
	if patience > 0 && signalOthers(syscall.SIGTERM) > 0 {
		for end := time.Now().Add(patience); time.Now().Before(end) && signalOthers(0) > 0; {
			time.Sleep(5 * time.Millisecond)
		}
	}
	// A process can fork between being listed and being killed, so it takes some rounds.
	for range 100 {
		if signalOthers(syscall.SIGKILL) == 0 {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// AwaitApplets returns when no process but this one is icc-init, or when the patience is over: applets are to hear the
// answer before the container ends.
func AwaitApplets(patience time.Duration) {
	for end := time.Now().Add(patience); time.Now().Before(end) && applets(); {
		time.Sleep(2 * time.Millisecond)
	}
}

func applets() bool {
	self, err := os.Stat("/proc/self/exe")
	if err != nil {
		return false
	}
	all, err := pids()
	if err != nil {
		return false
	}
	for _, pid := range all {
		if pid != os.Getpid() && isSelf(pid, self) && !isZombie(pid) {
			return true
		}
	}
	return false
}

func isSelf(pid int, self os.FileInfo) bool {
	exe, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/exe")
	return err == nil && os.SameFile(exe, self)
}

// signalOthers returns how many processes it has sent the signal to.
func signalOthers(sig syscall.Signal) int {
	self, err := os.Stat("/proc/self/exe")
	if err != nil {
		return 0
	}
	all, err := pids()
	if err != nil {
		return 0
	}
	sent := 0
	for _, pid := range all {
		if pid == 1 || pid == os.Getpid() || isZombie(pid) {
			continue
		}
		if isSelf(pid, self) {
			continue
		}
		if syscall.Kill(pid, sig) == nil {
			sent++
		}
	}
	return sent
}

func isZombie(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return true // it has just ended
	}
	p, err := parseStat(string(stat))
	return err == nil && p.State == 'Z'
}
