package spec

import (
	"fmt"
	"slices"

	"github.com/icc-project/icc/sdk/resource"
)

// process writes what to run and where. Native images boot an init of their own, so there is nothing to write.
func (t *translation) process() error {
	if !t.oci() {
		if t.Config.CommandSet || t.Config.EntrypointSet {
			return resource.ErrConfig.WithText(fmt.Sprintf(
				"service %q sets a command, but %s boots an init of its own", t.Config.Service, t.Image.Reference)).
				WithHint("remove `command` and `entrypoint`, or use an OCI image")
		}
		return nil
	}
	if t.supervised() {
		return nil // see orders
	}
	if err := t.entrypoint(); err != nil {
		return err
	}
	cwd := t.Config.WorkingDir
	if cwd == "" && t.Image.Process != nil {
		cwd = t.Image.Process.WorkingDir
	}
	t.set("oci.cwd", cwd)
	return nil
}

// entrypoint writes the command line. When only the server knows the image's own, that is left to it; a command of the
// service's then runs without the image's ENTRYPOINT, of which the image plugin has warned.
func (t *translation) entrypoint() error {
	c := t.Config
	own := c.EntrypointSet || len(c.Entrypoint) > 0 || c.CommandSet || len(c.Command) > 0
	if t.Image.Process == nil && !own {
		return nil
	}
	argv, err := t.argv()
	if err != nil {
		return err
	}
	encoded, err := quoteArgv(argv)
	if err != nil {
		return t.invalid("command or entrypoint", err)
	}
	t.set("oci.entrypoint", encoded)
	return nil
}

// argv joins entrypoint and command by Compose's rules: a command replaces the image's CMD, an entrypoint replaces
// its ENTRYPOINT and drops its CMD.
func (t *translation) argv() ([]string, error) {
	var entrypoint, command []string
	if p := t.Image.Process; p != nil {
		entrypoint, command = p.Entrypoint, p.Cmd
	}
	c := t.Config
	if c.EntrypointSet || len(c.Entrypoint) > 0 {
		entrypoint, command = c.Entrypoint, nil
		if slices.Equal(entrypoint, []string{""}) { // `entrypoint: ""` means none
			entrypoint = nil
		}
	}
	if c.CommandSet || len(c.Command) > 0 {
		command = c.Command
	}
	argv := slices.Concat(entrypoint, command)
	if len(argv) == 0 {
		return nil, resource.ErrConfig.WithText(fmt.Sprintf("service %q has no command", c.Service)).
			WithHint(fmt.Sprintf("the image %s names none; set `command` in the compose file", t.Image.Reference))
	}
	return argv, nil
}

// invalid wraps the reason why an attribute cannot be expressed on Incus.
func (t *translation) invalid(attribute string, why error) error {
	return resource.ErrConfig.WithText(fmt.Sprintf("%s of service %q", attribute, t.Config.Service)).
		WithHint(resource.Hint(why)).Wrap(why)
}
