package guest

import (
	"context"
	"strconv"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/plugins/instance/passwd"
	"github.com/icc-project/icc/plugins/instance/spec"
	"github.com/icc-project/icc/sdk"
)

// Command is what to run and how.
type Command struct {
	Args        []string
	Environment map[string]string
	// WorkingDir and User are the service's own when empty.
	WorkingDir string
	User       string
	TTY        bool
	Window     sdk.WindowSize
}

// lookUp finds a user in the instance's user database.
type lookUp func(context.Context, spec.UserName) (passwd.ID, error)

// request completes the command from the instance's configuration.
func (c Command) request(ctx context.Context, inst *api.Instance, users lookUp) (api.InstanceExecPost, error) {
	env := map[string]string{}
	for name, value := range c.Environment {
		env[name] = value
	}
	post := api.InstanceExecPost{
		Command: c.Args, Environment: env, Cwd: c.WorkingDir,
		WaitForWS: true, Interactive: c.TTY, Width: c.Window.Width, Height: c.Window.Height,
	}
	if post.Cwd == "" {
		post.Cwd = inst.Config["oci.cwd"]
	}
	id, err := c.identity(ctx, inst, users)
	if err != nil {
		return post, err
	}
	post.User, post.Group = id.UID, id.GID
	if _, set := inst.Config["environment.HOME"]; !set && env["HOME"] == "" && id.Home != "" {
		env["HOME"] = id.Home
	}
	return post, nil
}

// identity returns whom the command runs as. Root's home is known; everybody else's is looked up.
func (c Command) identity(ctx context.Context, inst *api.Instance, users lookUp) (passwd.ID, error) {
	name := spec.ParseUser(c.User)
	if c.User == "" {
		name = spec.UserName{User: inst.Config["oci.uid"], Group: inst.Config["oci.gid"]}
		if name.User == "" {
			return passwd.ID{}, nil
		}
	}
	if uid, gid, ok := name.Numbers(); ok && uid == 0 {
		return passwd.ID{UID: uid, GID: gid, Home: "/root"}, nil
	}
	return users(ctx, name)
}

// exitCode reads the exit code from an operation's metadata; ok is false when there is none.
func exitCode(metadata map[string]any) (code int, ok bool) {
	switch v := metadata["return"].(type) {
	case float64:
		return int(v), true
	case int:
		return v, true
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}
