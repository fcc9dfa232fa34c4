//go:build incus

package e2e

import (
	"strings"
	"testing"
)

func TestPushWritesWhatTheServerHasAndNotWhatABuildWouldGive(t *testing.T) {
	t.Parallel()
	author := newProject(t, "")
	author.env = append(author.env, "ICC_BUILDER=podman", "CONTAINERS_STORAGE_CONF="+author.storage())
	author.write("compose.yaml", "services:\n  web:\n    image: ghcr.io/e2e/"+author.name+":1\n    build: {context: ., args: {WORD: none}}\n")
	author.write("Containerfile", "FROM busybox:1\nARG WORD\nRUN echo $WORD $(head -c 8 /dev/urandom | od -An -tx1) > /word\nCMD [\"sleep\", \"infinity\"]\n")
	author.write(".containerignore", "*\n")
	author.ok("build")
	author.ok("build", "--no-cache", "--build-arg", "WORD=built")
	author.ok("up", "-d")

	word := author.inside("web", "cat /word")

	author.write("Containerfile", "FROM busybox:1\nRUN false\n")
	author.ok("push")

	user := author.another("services:\n  web: {image: \"docker.io/e2e/" + author.name + ":1\"}\n")
	user.ok("up", "-d")

	if got := user.inside("web", "cat /word"); got != word || !strings.HasPrefix(got, "built ") {
		t.Errorf("the registry has an image that says %q, the server one that says %q", got, word)
	}

	user.ok("down", "--rmi", "all")

	command := author.host.Command(t, "podman", "rmi", "--all", "--force")
	command.Env = append(command.Env, author.env...)

	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	author.write("Containerfile", "FROM busybox:1\nCMD [\"sleep\", \"infinity\"]\n")
	author.fails(1, []string{"push"}, "does not have the image", "a build gives another one now", "icc build --push")
}
