package prepare

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/icc-project/icc/sdk/initspec"
)

// Renew brings the extra hosts and the resolver's options of a running container from one spec to another. What anybody
// else has written into the files meanwhile stays.
func Renew(before, after *initspec.Spec) error {
	if !slices.Equal(before.Hosts, after.Hosts) {
		if err := renew("/etc/hosts", func(old string) string { return renewedHosts(old, before.Hosts, after.Hosts, gateway()) }); err != nil {
			return fmt.Errorf("changing the extra hosts: %w", err)
		}
	}
	if !slices.Equal(before.DNSOptions, after.DNSOptions) {
		if err := renew("/etc/resolv.conf", func(old string) string { return renewedResolver(old, before.DNSOptions, after.DNSOptions) }); err != nil {
			return fmt.Errorf("changing the resolver's options: %w", err)
		}
	}
	return nil
}

// Nameservers makes these the servers that the container's programs ask, as far as their C libraries read so many.
func Nameservers(servers []string) error {
	if err := renew("/etc/resolv.conf", func(old string) string { return nameservers(old, servers) }); err != nil {
		return fmt.Errorf("changing the name servers: %w", err)
	}
	return nil
}

// renewedHosts takes the lines of one list away and adds those of another. That some of them are there already, because
// of a try that failed halfway, does no harm.
func renewedHosts(old string, before, after []string, gateway string) string {
	gone, _ := extraHosts(slices.Concat(before, after), gateway)
	come, _ := extraHosts(after, gateway)
	lines := strings.SplitAfter(old, "\n")
	for line := range strings.Lines(gone) {
		if i := last(lines, line); i >= 0 {
			lines = slices.Delete(lines, i, i+1)
		}
	}
	kept := strings.Join(lines, "")
	if kept != "" && !strings.HasSuffix(kept, "\n") {
		kept += "\n"
	}
	return kept + come
}

// renewedResolver takes the options of one list away and adds those of another.
func renewedResolver(old string, before, after []string) string {
	var b strings.Builder
	var options []string
	for line := range strings.Lines(old) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "options" {
			options = append(options, f[1:]...)
			continue
		}
		b.WriteString(strings.TrimRight(line, "\n") + "\n")
	}
	for _, option := range slices.Concat(before, after) {
		if i := last(options, option); i >= 0 {
			options = slices.Delete(options, i, i+1)
		}
	}
	if options = append(options, after...); len(options) == 0 {
		return b.String()
	}
	return resolvConf(b.String(), options)
}

// last returns the place of the last such word, -1 for none.
func last(words []string, word string) int {
	for i, w := range slices.Backward(words) {
		if w == word {
			return i
		}
	}
	return -1
}

// renew changes a file of the container's, which is bound over another one if it was replaced before.
func renew(target string, change func(old string) string) error {
	old, err := os.ReadFile(target)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	content := change(string(old))
	file := filepath.Join(initspec.Dir, filepath.Base(target))
	ours, err := os.Stat(file)
	if err == nil {
		if seen, err := os.Stat(target); err == nil && os.SameFile(ours, seen) {
			return overwrite(file, content)
		}
	}
	locked := isReadOnly(target)
	if err := replace(target, content); err != nil || !locked {
		return err
	}
	return readOnly(target)
}

// overwrite keeps the file that is bound, and never leaves it empty: somebody may just be reading it.
func overwrite(file, content string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(content), 0)
	if err == nil {
		err = f.Truncate(int64(len(content)))
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
