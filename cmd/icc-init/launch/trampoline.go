package launch

import (
	"encoding/json"
	"io"
	"os"
	"syscall"

	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/sdk/initspec"
)

// Applet is the internal name under which PID 1 starts the trampoline.
const Applet = "launch"

// self is the running program, also when another version has been put in its place.
const self = "/proc/self/exe"

// Descriptors of the trampoline besides its standard ones.
const (
	specFD   = 3
	reportFD = 4
)

// Main is the trampoline.
func Main() int {
	syscall.CloseOnExec(specFD)
	syscall.CloseOnExec(reportFD)
	report := os.NewFile(reportFD, "report")
	spec := &initspec.Spec{}
	data, err := io.ReadAll(os.NewFile(specFD, "spec"))
	if err == nil {
		err = json.Unmarshal(data, spec)
	}
	failure := cannotRun("reading the spec: %v", err)
	if err == nil {
		failure = Command(spec)
	}
	_ = json.NewEncoder(report).Encode(failure)
	return failure.Code
}

// Start runs the spec's command as a child in a session of its own. With tty its standard input becomes the
// controlling terminal. The error is a *Failure when the command cannot be run; the child is gone then.
func Start(reaper *proc.Reaper, spec *initspec.Spec, stdio [3]*os.File, tty bool) (*proc.Process, error) {
	specRead, specWrite, err := os.Pipe()
	if err != nil {
		return nil, cannotRun("starting the command: %v", err)
	}
	reportRead, reportWrite, err := os.Pipe()
	if err != nil {
		return nil, cannotRun("starting the command: %v", err)
	}
	defer func() { _ = reportRead.Close() }()
	p, err := reaper.Start(self, []string{initspec.Path, Applet}, &syscall.ProcAttr{
		Files: []uintptr{stdio[0].Fd(), stdio[1].Fd(), stdio[2].Fd(), specRead.Fd(), reportWrite.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: tty},
	})
	_ = specRead.Close()
	_ = reportWrite.Close()
	if err != nil {
		_ = specWrite.Close()
		return nil, cannotRun("starting the command: %v", err)
	}
	err = json.NewEncoder(specWrite).Encode(spec)
	_ = specWrite.Close()
	if err != nil {
		return nil, abandon(p, "handing the spec over: "+err.Error())
	}
	report, err := io.ReadAll(reportRead)
	if err != nil {
		return nil, abandon(p, "waiting for the command: "+err.Error())
	}
	if len(report) == 0 {
		return p, nil // execve has closed the pipe
	}
	<-p.Done()
	failure := &Failure{}
	if err := json.Unmarshal(report, failure); err != nil {
		return nil, cannotRun("starting the command: %v", err)
	}
	return nil, failure
}

func abandon(p *proc.Process, text string) *Failure {
	_ = p.Signal(syscall.SIGKILL)
	<-p.Done()
	return cannotRun("%s", text)
}
