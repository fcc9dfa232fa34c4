package proc

import (
	"errors"
	"os"
	"strconv"
	"strings"
)

// Info is what /proc/PID/stat and its neighbours tell about a process.
type Info struct {
	PID, PPID int
	UID       int
	TTY       int // device number, 0 when there is none
	Name      string
	Command   []string // empty for kernel threads and zombies
	State     byte     // 'Z' for a zombie
	Ticks     int64    // of processor time used
	Start     int64    // ticks from the host's boot to the start
}

// errStat says that /proc/PID/stat is not as expected.
var errStat = errors.New("unexpected format of a process' stat")

// List returns the processes of the container in the order of their numbers.
func List() ([]Info, error) {
	pids, err := pids()
	if err != nil {
		return nil, err
	}
	list := make([]Info, 0, len(pids))
	for _, pid := range pids {
		if p, err := read(pid); err == nil { // else it has just ended
			list = append(list, p)
		}
	}
	return list, nil
}

func pids() ([]int, error) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

func read(pid int) (Info, error) {
	dir := "/proc/" + strconv.Itoa(pid)
	stat, err := os.ReadFile(dir + "/stat")
	if err != nil {
		return Info{}, err
	}
	p, err := parseStat(string(stat))
	if err != nil {
		return Info{}, err
	}
	status, err := os.ReadFile(dir + "/status")
	if err != nil {
		return Info{}, err
	}
	p.UID = parseUID(string(status))
	command, err := os.ReadFile(dir + "/cmdline")
	if err != nil {
		return Info{}, err
	}
	if s := strings.TrimRight(string(command), "\x00"); s != "" {
		p.Command = strings.Split(s, "\x00")
	}
	return p, nil
}

// parseStat reads "PID (NAME) STATE PPID PGRP SESSION TTY …"; the name may contain anything, parentheses too.
func parseStat(stat string) (Info, error) {
	open, end := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if open < 1 || end < open || end+2 > len(stat) {
		return Info{}, errStat
	}
	pid, err := strconv.Atoi(strings.TrimSpace(stat[:open]))
	f := strings.Fields(stat[end+1:])
	if err != nil || len(f) < 20 {
		return Info{}, errStat
	}
	p := Info{PID: pid, Name: stat[open+1 : end], State: f[0][0]}
	p.PPID, _ = strconv.Atoi(f[1])
	p.TTY, _ = strconv.Atoi(f[4])
	user, _ := strconv.ParseInt(f[11], 10, 64)
	system, _ := strconv.ParseInt(f[12], 10, 64)
	p.Ticks = user + system
	p.Start, _ = strconv.ParseInt(f[19], 10, 64)
	return p, nil
}

func parseUID(status string) int {
	_, rest, _ := strings.Cut(status, "\nUid:")
	f := strings.Fields(rest)
	if len(f) < 2 {
		return 0
	}
	uid, _ := strconv.Atoi(f[1]) // the effective one
	return uid
}
