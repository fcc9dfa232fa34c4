package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"
)

// usualDetachKeys are docker's.
const usualDetachKeys = "ctrl-p,ctrl-q"

func detachFlag() cli.Flag {
	return &cli.StringFlag{Name: "detach-keys", Usage: "leave the process running after these `KEYS` on a terminal", Value: usualDetachKeys}
}

// parseDetachKeys reads docker's form: characters and ctrl-CHARACTER, separated by commas.
func parseDetachKeys(c *cli.Context) ([]byte, error) {
	text := c.String("detach-keys")
	if text == "" {
		text = usualDetachKeys
	}
	var keys []byte
	for _, part := range strings.Split(text, ",") {
		letter, control := strings.CutPrefix(strings.ToLower(part), "ctrl-")
		switch {
		case len(part) == 1:
			keys = append(keys, part[0])
		case control && len(letter) == 1 && strings.Contains("abcdefghijklmnopqrstuvwxyz@[\\]^_", letter):
			keys = append(keys, strings.ToUpper(letter)[0]-'@')
		default:
			return nil, &usageError{command: fullName(c), text: fmt.Sprintf("--detach-keys: %q is no key", part),
				hint: "write characters and ctrl- with a letter or one of @ [ \\ ] ^ _, separated by commas: ctrl-p,ctrl-q"}
		}
	}
	return keys, nil
}

// detacher finds the keys that leave a session in what is typed.
type detacher struct {
	keys []byte
	// found is how many of the keys were the last thing typed; they are held back until it is clear what they mean.
	found int
}

// scan returns what is for the process, and whether the keys were complete.
func (d *detacher) scan(typed []byte) (pass []byte, complete bool) {
	if len(d.keys) == 0 {
		return typed, false
	}
	for _, b := range typed {
		if b != d.keys[d.found] {
			pass = append(pass, d.keys[:d.found]...)
			d.found = 0
		}
		if b != d.keys[d.found] {
			pass = append(pass, b)
			continue
		}
		if d.found++; d.found == len(d.keys) {
			return pass, true
		}
	}
	return pass, false
}
