package compose

import (
	"io"
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

func warning(text string) resource.Diagnostic {
	return resource.Diagnostic{Severity: resource.SeverityWarning, Text: text}
}
