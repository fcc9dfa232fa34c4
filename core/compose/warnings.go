package compose

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/icc-project/icc/sdk/resource"
	"github.com/sirupsen/logrus"
)

// loggerLock guards logrus' standard logger, the only way in which compose-go reports warnings. It is process-wide
// because the logger is.
var loggerLock sync.Mutex

// captureWarnings runs fn and returns what compose-go warned about meanwhile, each text once.
func captureWarnings(fn func() error) ([]string, error) {
	loggerLock.Lock()
	defer loggerLock.Unlock()
	log := logrus.StandardLogger()
	out := log.Out
	log.SetOutput(io.Discard)
	c := &collector{seen: map[string]bool{}}
	hooks := log.ReplaceHooks(logrus.LevelHooks{})
	log.AddHook(c)
	defer func() {
		log.ReplaceHooks(hooks)
		log.SetOutput(out)
	}()
	err := fn()
	return c.texts, err
}

// collector is a logrus hook that keeps the texts of warnings.
type collector struct {
	mu    sync.Mutex
	seen  map[string]bool
	texts []string
}

// Levels implements logrus.Hook.
func (*collector) Levels() []logrus.Level {
	return []logrus.Level{logrus.WarnLevel, logrus.ErrorLevel}
}

// Fire implements logrus.Hook.
func (c *collector) Fire(e *logrus.Entry) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.seen[e.Message] {
		c.seen[e.Message] = true
		c.texts = append(c.texts, e.Message)
	}
	return nil
}

// unset recognises compose-go's warning about a variable without a value.
var unset = regexp.MustCompile(`^The "(.+)" variable is not set\.`)

// warning makes a diagnostic of a text. For a variable without a value it says where the variable is used.
func warning(text string, x *index) resource.Diagnostic {
	d := resource.Diagnostic{Severity: resource.SeverityWarning, Text: text}
	m := unset.FindStringSubmatch(text)
	if m == nil {
		return d
	}
	d.Text = fmt.Sprintf("variable %s is not set; it is taken as empty", m[1])
	d.Hint = fmt.Sprintf("set it in the environment or in .env, or write ${%s:-default}; a dollar sign itself is $$", m[1])
	d.Position, _ = x.search(func(_ []string, value string) bool {
		return strings.Contains(value, "${"+m[1]) || strings.Contains(value, "$"+m[1])
	})
	return d
}
