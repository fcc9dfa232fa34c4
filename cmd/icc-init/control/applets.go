package control

// RunKill is the applet kill: kill SIGNAL.
func RunKill(args []string) int { return 2 }

// RunGrace is the applet grace: grace MILLISECONDS.
func RunGrace(args []string) int { return 2 }

// RunWait is the applet wait: wait healthy | wait exit. It returns the exit codes initspec.Wait*.
func RunWait(args []string) int { return 2 }

// RunAttach is the applet attach: attach [-i] [-t]. It returns the exit code of the main process.
func RunAttach(args []string) int { return 2 }
