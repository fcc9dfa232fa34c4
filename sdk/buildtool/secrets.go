package buildtool

import (
	"fmt"
	"os"
	"strconv"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// SecretArguments passes the secrets as files, because the environment of a plugin is not the user's. The content of
// those that are no files yet lies in the job's directory, where only the user can read it.
func (j *Job) SecretArguments() ([]string, error) {
	var args []string
	for i, s := range j.Request.Build.Secrets {
		source, err := j.secretFile(s, fmt.Sprintf("secret-%d", i))
		if err != nil {
			return nil, err
		}
		args = append(args, "--secret", "id="+s.ID+",src="+source)
	}
	return args, nil
}

func (j *Job) secretFile(s kinds.BuildSecret, name string) (string, error) {
	switch {
	case s.Content != nil:
		return j.Write(name, s.Content)
	case s.Environment != "":
		value, ok := os.LookupEnv(s.Environment)
		if !ok {
			return "", resource.ErrNotFound.
				WithText(fmt.Sprintf("build secret %q comes from the variable %s, which is not set", s.ID, s.Environment)).
				WithHint("export it, or keep the secret in a file")
		}
		return j.Write(name, []byte(value))
	}
	if _, err := os.Stat(s.File); err != nil {
		return "", missing("file of build secret "+strconv.Quote(s.ID)+",", s.File, "create it, or correct its path", err)
	}
	return s.File, nil
}
