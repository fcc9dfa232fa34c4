package buildtool

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// watchdog ends a process group when its standard input ends, in the way of runGroup.
const watchdog = `read -r _
kill -s TERM -- "-$1" 2>/dev/null
i=0
while [ $i -lt 50 ] && kill -s 0 -- "-$1" 2>/dev/null; do sleep 0.1; i=$((i+1)); done
kill -s KILL -- "-$1" 2>/dev/null`

// watch has a shell wait for this plugin's death and end the process group then: a plugin that is killed can do so no
// more, and what the tool has started does not end with the tool. stop ends the watch; the group lives on.
func watch(group int) (stop func()) {
	dog := exec.Command("/bin/sh", "-c", watchdog, "icc-watchdog", strconv.Itoa(group))
	dog.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a host ends the plugin's group, too
	dog.Dir = "/"
	input, lifeline, err := os.Pipe()
	if err != nil {
		return func() {} // then nobody watches
	}
	dog.Stdin = input
	err = dog.Start()
	_ = input.Close()
	if err != nil {
		_ = lifeline.Close()
		return func() {}
	}
	return func() {
		_ = dog.Process.Kill()
		_ = dog.Wait() // it was killed
		_ = lifeline.Close()
	}
}
