package spec

import (
	"strings"

	"github.com/icc-project/icc/sdk/resource"
)

// quoteArgv writes a command as the value of oci.entrypoint, which the server splits as a shell would and hands on to
// LXC. LXC has no escapes, so an argument with both kinds of quotes, or with a line break, cannot be written at all.
func quoteArgv(argv []string) (string, error) {
	words := make([]string, len(argv))
	for i, arg := range argv {
		word, err := quoteArg(arg)
		if err != nil {
			return "", err
		}
		words[i] = word
	}
	return strings.Join(words, " "), nil
}

func quoteArg(arg string) (string, error) {
	switch {
	case strings.ContainsAny(arg, "\n\r"):
		return "", inexpressible("an argument contains a line break, which Incus cannot store",
			"put the script into a file (a `configs` entry, for example) and run that")
	case strings.Contains(arg, "'") && strings.Contains(arg, `"`):
		return "", inexpressible("an argument contains both ' and \", which Incus cannot pass on",
			"use one kind of quotes only, or put the script into a file (a `configs` entry, for example) and run that")
	case arg != "" && strings.Trim(arg, plainCharacters) == "":
		return arg, nil
	case strings.Contains(arg, "'"):
		return `"` + strings.NewReplacer(`\`, `\\`, "$", `\$`, "`", "\\`").Replace(arg) + `"`, nil
	}
	return "'" + arg + "'", nil
}

// plainCharacters need no quotes.
const plainCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

func inexpressible(text, hint string) error {
	return resource.ErrConfig.WithText(text).WithHint(hint)
}

// SplitArgv reads what quoteArgv wrote, for showing the command of an instance.
func SplitArgv(encoded string) []string {
	var argv []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(encoded); i++ {
		switch c := encoded[i]; {
		case c == ' ':
			if inWord {
				argv = append(argv, word.String())
				word.Reset()
			}
			inWord = false
		case c == '\'' || c == '"':
			inWord = true
			end := closingQuote(encoded, i)
			text := encoded[i+1 : end]
			if c == '"' {
				text = strings.NewReplacer(`\\`, `\`, `\$`, "$", "\\`", "`", `\"`, `"`).Replace(text)
			}
			word.WriteString(text)
			i = end
		default:
			inWord = true
			word.WriteByte(c)
		}
	}
	if inWord {
		argv = append(argv, word.String())
	}
	return argv
}

// closingQuote returns the index of the quote that ends the one at start, or of the end of the text.
func closingQuote(s string, start int) int {
	for i := start + 1; i < len(s); i++ {
		if s[start] == '"' && s[i] == '\\' {
			i++
			continue
		}
		if s[i] == s[start] {
			return i
		}
	}
	return len(s)
}
