package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/core/compose"
)

// The scripts ask icc itself for what can follow, so they never go out of date.
const (
	bashCompletion = `# bash completion for icc; load with: source <(icc completion bash)
_icc() {
  local cur words
  cur="${COMP_WORDS[COMP_CWORD]}"
  words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ "$cur" == -* ]] && words+=("$cur")
  mapfile -t COMPREPLY < <(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null | cut -d: -f1)" -- "$cur")
}
complete -o default -F _icc icc
`
	zshCompletion = `#compdef icc
# zsh completion for icc; load with: source <(icc completion zsh), or save it as _icc in a folder of $fpath
_icc() {
  local -a words_so_far candidates
  words_so_far=("${(@)words[1,CURRENT-1]}")
  [[ "${words[CURRENT]}" == -* ]] && words_so_far+=("${words[CURRENT]}")
  candidates=("${(@f)$("${words_so_far[@]}" --generate-bash-completion 2>/dev/null)}")
  _describe 'icc' candidates
}
if [[ "${funcstack[1]}" == _icc ]]; then _icc "$@"; else compdef _icc icc; fi
`
	fishCompletion = `# fish completion for icc; load with: icc completion fish | source
function __icc_complete
  set -l words (commandline -opc)
  set -l cur (commandline -ct)
  string match -q -- '-*' $cur; and set -a words $cur
  command $words --generate-bash-completion 2>/dev/null | string replace -r ':.*' ''
end
complete -c icc -f -a '(__icc_complete)'
complete -c icc -s f -l file -r -F
complete -c icc -l env-file -r -F
`
)

func completionCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "completion",
		Usage:     "Print a completion script for bash, zsh or fish",
		ArgsUsage: "SHELL",
		BashComplete: func(c *cli.Context) {
			fmt.Fprintln(c.App.Writer, "bash\nzsh\nfish")
		},
		Action: func(c *cli.Context) error {
			switch c.Args().First() {
			case "bash":
				fmt.Fprint(c.App.Writer, bashCompletion)
			case "zsh":
				fmt.Fprint(c.App.Writer, zshCompletion)
			case "fish":
				fmt.Fprint(c.App.Writer, fishCompletion)
			default:
				return &usageError{command: "completion", text: "completion needs the name of a shell: bash, zsh or fish"}
			}
			return nil
		},
	})
}

// completeServices offers the command's flags after a dash, and the project's services otherwise.
func completeServices(c *cli.Context) {
	cli.DefaultCompleteWithFlags(c.Command)(c)
	if !strings.Contains(c.Command.ArgsUsage, "SERVICE") {
		return
	}
	p, err := compose.Load(c.Context, loadOptions(c))
	if err != nil {
		return // completion stays silent about broken files
	}
	for _, name := range p.ServiceNames() {
		fmt.Fprintln(c.App.Writer, name)
	}
}
