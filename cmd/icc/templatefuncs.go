package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"
)

// templateFunctions are those that docker's templates have.
func templateFunctions() template.FuncMap {
	return template.FuncMap{
		"json": compactJSON, "join": strings.Join, "split": strings.Split, "println": fmt.Sprintln,
		"lower": strings.ToLower, "upper": strings.ToUpper, "title": capitalized,
		"pad": func(s string, before, after int) string {
			if s == "" {
				return s
			}
			return strings.Repeat(" ", max(before, 0)) + s + strings.Repeat(" ", max(after, 0))
		},
		"truncate": func(s string, n int) string {
			runes := []rune(s)
			return string(runes[:min(max(n, 0), len(runes))])
		},
	}
}

// headFunctions leave the heads of columns as they are, whatever the template does with the values below.
func headFunctions() template.FuncMap {
	same := func(s string) string { return s }
	return template.FuncMap{
		"json": same, "lower": same, "upper": same, "title": same,
		"truncate": func(s string, _ int) string { return s },
		"join":     func(s, _ string) string { return s },
	}
}

// compactJSON is v on one line, with < and & as they are.
func compactJSON(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return strings.TrimSpace(b.String()), err
}

func capitalized(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToTitle(first)) + s[size:]
}

// templateHeads are the heads of docker's columns, by their fields.
func templateHeads() map[string]string {
	return map[string]string{
		"ID": "CONTAINER ID", "Name": "NAME", "Project": "PROJECT", "Service": "SERVICE", "Image": "IMAGE", "Command": "COMMAND",
		"State": "STATE", "Status": "STATUS", "Health": "HEALTH", "ExitCode": "EXIT CODE", "CreatedAt": "CREATED AT",
		"RunningFor": "CREATED", "Labels": "LABELS", "Mounts": "MOUNTS", "Networks": "NETWORKS", "Ports": "PORTS",
		"Publishers": "PUBLISHERS", "Addresses": "ADDRESSES", "ExitReason": "EXIT REASON", "Error": "ERROR", "Restarts": "RESTARTS",
		"Pending": "PENDING", "HealthLog": "HEALTH LOG",
	}
}
