package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/icc-project/icc/core/host"
	"github.com/icc-project/icc/sdk/naming"
)

// thisProcess identifies this process in a way that those who see the same processes can check: "<machine> <pid>
// <start>". It is empty where that cannot be told.
func thisProcess() string {
	machine, start := machineID(), startOf(os.Getpid())
	if machine == "" || start == "" {
		return ""
	}
	return fmt.Sprintf("%s %d %s", machine, os.Getpid(), start)
}

// hasEnded reports whether a process that called itself so has certainly ended, and with it all its plugins: those of an
// icc that was killed go on for up to three seconds, to clean up. Of processes on other machines nobody knows.
func hasEnded(process string) bool {
	part := strings.Fields(process)
	if len(part) != 3 || part[0] != machineID() {
		return false
	}
	pid, err := strconv.Atoi(part[1])
	if err != nil {
		return false
	}
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return false
	}
	switch startOf(pid) {
	case part[2]:
		return false
	case "":
		return len(host.PluginsOf(pid)) == 0
	}
	return true // the number is another process's by now
}

// machineID stands for this boot of this machine and the processes that can be seen from here; containers have others.
func machineID() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return naming.Hash("machine", string(boot), namespace)[:16]
}

// startOf returns when a process started, in the kernel's ticks; empty when there is none of that number.
func startOf(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// The name may contain anything; the fields after it do not.
	_, rest, ok := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')')+1:]), " ")
	fields := strings.Fields(rest)
	const state, start = 0, 19
	if !ok || len(fields) <= start || fields[state] == "Z" || fields[state] == "X" {
		return ""
	}
	return fields[start]
}
