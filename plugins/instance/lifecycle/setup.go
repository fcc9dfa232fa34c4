package lifecycle

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

const notSetUp = "the server could not set the container up"

// setupError says why LXC has not set the container up. Incus names the program that failed only; its log has the reason.
func (m *Manager) setupError(err error) error {
	if err == nil || !strings.Contains(err.Error(), "forklxc") {
		return err
	}
	e := resource.ErrOperation.WithText(notSetUp)
	if reason := m.setupReason(); reason != "" {
		return e.Wrap(errors.New(reason)).WithHint("correct what that is about in the compose file, " +
			"such as `sysctls`, `devices`, or a mount that hides a directory that the container needs")
	}
	return e.Wrap(err).WithHint("`incus info --show-log` shows the reason; often a mount hides a directory that the container needs")
}

// setupReason returns what the log of the start says first of the container's configuration, or nothing.
func (m *Manager) setupReason() string {
	const logBytes = 1 << 20
	log, err := m.Server.GetInstanceLogfile(m.Name, "lxc.log")
	if err != nil {
		return ""
	}
	defer log.Close()
	text, err := io.ReadAll(io.LimitReader(log, logBytes))
	if err != nil {
		return ""
	}
	return reasonIn(string(text))
}

// reasonIn finds the first error about the configuration in a log of LXC: "… ERROR conf - file.c:function:1 - reason".
func reasonIn(log string) string {
	m := regexp.MustCompile(`(?m) ERROR +conf - \S+:\w+:\d+ - (.+)$`).FindStringSubmatch(log)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m[1])
}
