package main

import (
	"fmt"
	"os"

	"github.com/icc-project/icc/cmd/icc-init/control"
	"github.com/icc-project/icc/cmd/icc-init/execute"
	"github.com/icc-project/icc/cmd/icc-init/launch"
	"github.com/icc-project/icc/cmd/icc-init/pid1"
	"github.com/icc-project/icc/cmd/icc-init/top"
	"github.com/icc-project/icc/sdk/initspec"
)

const usage = `icc-init is what icc runs as PID 1 in its containers; there is no use for it anywhere else.
Inside such a container:
  exec [-d] [-u USER[:GROUP]] [-w DIR] [-e NAME=VALUE]... -- COMMAND...   run a command as the service would
  attach [-i] [-t]                                                   connect to the service's streams
  kill SIGNAL                                                        signal the service
  grace MILLISECONDS                                                 set how long the next stop waits
  reload                                                             read the orders again
  wait healthy|exit                                                  wait for the service
  top                                                                list the processes
`

func main() {
	os.Exit(run(os.Args[1:]))
}

// run tells what this process is to be. Without a name it is PID 1, or a mistake.
func run(args []string) int {
	if len(args) == 0 || os.Getpid() == 1 {
		if os.Getpid() == 1 {
			return pid1.Main()
		}
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	switch name, rest := args[0], args[1:]; name {
	case launch.Applet:
		return launch.Main()
	case pid1.KeeperApplet:
		return pid1.Keep()
	case initspec.AppletExec:
		return execute.Run(rest)
	case initspec.AppletTop:
		return top.Run()
	case initspec.AppletAttach:
		return control.RunAttach(rest)
	case initspec.AppletKill:
		return control.RunKill(rest)
	case initspec.AppletGrace:
		return control.RunGrace(rest)
	case initspec.AppletReload:
		return control.RunReload(rest)
	case initspec.AppletWait:
		return control.RunWait(rest)
	default:
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
}
