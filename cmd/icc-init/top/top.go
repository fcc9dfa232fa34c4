package top

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/icc-project/icc/cmd/icc-init/proc"
	"github.com/icc-project/icc/sdk/initspec"
)

// tick is the unit of times in /proc, on all machines Go knows.
const tick = time.Second / 100

// Run prints the processes, without this one.
func Run() int {
	list, err := proc.List()
	if err != nil {
		fmt.Fprintln(os.Stderr, "listing the processes:", err)
		return 1
	}
	passwd, _ := os.ReadFile("/etc/passwd") // numbers will do
	var info syscall.Sysinfo_t
	_ = syscall.Sysinfo(&info)
	now := time.Now()
	table := render(list, os.Getpid(), names(string(passwd)), now, now.Add(-time.Duration(info.Uptime)*time.Second))
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(table); err != nil {
		return 1
	}
	return 0
}

func render(list []proc.Info, without int, names map[int]string, now, boot time.Time) initspec.Processes {
	table := initspec.Processes{
		Titles:    []string{"UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"},
		Processes: [][]string{},
	}
	for _, p := range list {
		if p.PID == without {
			continue
		}
		user, ok := names[p.UID]
		if !ok {
			user = strconv.Itoa(p.UID)
		}
		start := boot.Add(time.Duration(p.Start) * tick)
		used := time.Duration(p.Ticks) * tick
		share := int64(0)
		if alive := now.Sub(start); alive > 0 {
			share = min(99, int64(100*used/alive))
		}
		table.Processes = append(table.Processes, []string{
			user, strconv.Itoa(p.PID), strconv.Itoa(p.PPID), strconv.FormatInt(share, 10), stime(start, now), terminal(p.TTY),
			fmt.Sprintf("%02d:%02d:%02d", int(used.Hours()), int(used.Minutes())%60, int(used.Seconds())%60), command(p),
		})
	}
	return table
}

func command(p proc.Info) string {
	switch {
	case len(p.Command) > 0:
		return strings.Join(p.Command, " ")
	case p.State == 'Z':
		return "[" + p.Name + "] <defunct>"
	default:
		return "[" + p.Name + "]"
	}
}

// stime is the time of day for today's, else the day.
func stime(start, now time.Time) string {
	if now.Sub(start) < 24*time.Hour {
		return start.Format("15:04")
	}
	return start.Format("Jan02")
}

// terminal names the device number: pseudo terminals have the majors from 136.
func terminal(device int) string {
	major, minor := device>>8&0xfff, device&0xff|device>>12&0xfff00
	switch {
	case device == 0:
		return "?"
	case major >= 136 && major <= 143:
		return "pts/" + strconv.Itoa((major-136)<<8+minor)
	default:
		return "tty" + strconv.Itoa(minor)
	}
}

func names(passwd string) map[int]string {
	names := map[int]string{}
	for line := range strings.Lines(passwd) {
		f := strings.Split(line, ":")
		if len(f) < 3 {
			continue
		}
		if uid, err := strconv.Atoi(f[2]); err == nil && names[uid] == "" {
			names[uid] = f[0]
		}
	}
	return names
}
