package testbed

import (
	"bufio"
	"bytes"
	"strconv"
	"strings"
	"testing"
)

// failedCommand is the exit code of a command that could not be run at all.
const failedCommand = -1

// answered runs its arguments and says their exit code after all that they print. It ends with its input: Incus loses what a
// command prints that ends before that was read, which happens on busy machines.
const answered = `"$@" 2>&1 </dev/null; code=$?; echo; echo "that was all: $code"; read -r _; exit 0`

// Indoors runs a command as a user in a container that has a shell, and returns what it prints on both streams, and its
// exit code, which is negative when it could not be run.
func (h Host) Indoors(t testing.TB, project, instance, user string, args ...string) (output string, code int) {
	t.Helper()

	command := h.Command(t, "incus", append([]string{
		"exec", instance, "--project", project, "--user", user, "--group", user, "--", "sh", "-c", answered, "sh",
	}, args...)...)

	var complaint bytes.Buffer

	command.Stderr = &complaint

	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}

	printed, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}

	if err := command.Start(); err != nil {
		t.Fatal(err)
	}

	output, code = untilAnswered(bufio.NewReader(printed))
	_ = input.Close()

	if err := command.Wait(); code == failedCommand {
		return output + complaint.String(), code
	} else if err != nil {
		t.Errorf("running %v in %s: %v\n%s", args, instance, err, complaint.String())
	}

	return output, code
}

// untilAnswered reads what the command has printed, and its exit code.
func untilAnswered(from *bufio.Reader) (output string, code int) {
	var text strings.Builder

	for {
		line, err := from.ReadString('\n')
		if number, last := strings.CutPrefix(line, "that was all: "); last && err == nil {
			if code, err = strconv.Atoi(strings.TrimSpace(number)); err == nil {
				return strings.TrimSuffix(text.String(), "\n"), code
			}
		}

		text.WriteString(line)

		if err != nil {
			return text.String(), failedCommand
		}
	}
}
