package compose

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// filesVolume is the volume that holds the secrets and configs of all services. It belongs to icc and goes with every
// `down`; what is in it comes from the compose files.
const filesVolume = "icc-files"

// fileMode is the mode of secrets and configs that set none.
const fileMode = 0o444

// fileSet collects the secrets and configs of the services. Their paths carry a hash of content and owner, so that a
// changed secret is a new file and the mount that names it a change that can be applied to a running instance.
type fileSet struct {
	files  []kinds.VolumeFile
	known  map[string]bool
	mounts map[string][]kinds.Mount
	// content caches what was read, by "secrets.name" or "configs.name".
	content map[string][]byte
}

func newFileSet() *fileSet {
	return &fileSet{known: map[string]bool{}, mounts: map[string][]kinds.Mount{}, content: map[string][]byte{}}
}

// fileMounts translates the secrets and configs of a service.
func (t *translator) fileMounts(s serviceConfig) []kinds.Mount {
	if mounts, done := t.files.mounts[s.Name]; done {
		return mounts
	}
	var mounts []kinds.Mount
	for i, f := range s.Secrets {
		at := t.item(servicePath(s.Name)+".secrets", i, len(s.Secrets))
		if object, ok := t.p.Secrets[f.Source]; ok {
			mounts = t.fileMount(mounts, s.Name, at, "secrets", types.FileReferenceConfig(f), types.FileObjectConfig(object))
		}
	}
	for i, f := range s.Configs {
		at := t.item(servicePath(s.Name)+".configs", i, len(s.Configs))
		if object, ok := t.p.Configs[f.Source]; ok {
			mounts = t.fileMount(mounts, s.Name, at, "configs", types.FileReferenceConfig(f), types.FileObjectConfig(object))
		}
	}
	t.files.mounts[s.Name] = mounts
	return mounts
}

// fileMount adds one secret or config to the files volume and to the service's mounts.
func (t *translator) fileMount(mounts []kinds.Mount, service, at, section string,
	ref types.FileReferenceConfig, object types.FileObjectConfig) []kinds.Mount {
	content, ok := t.fileContent(section, ref.Source, object)
	if !ok {
		return mounts
	}
	uid, okUID := t.ownerID(ref.UID, at+".uid")
	gid, okGID := t.ownerID(ref.GID, at+".gid")
	if !okUID || !okGID {
		return mounts
	}
	mode := fileMode
	if ref.Mode != nil {
		mode = int(*ref.Mode) & 0o7777
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%d:%d:%o:", uid, gid, mode)
	sum.Write(content)
	file := kinds.VolumeFile{
		Path:    fmt.Sprintf("%s/%s-%s", service, ref.Source, hex.EncodeToString(sum.Sum(nil))[:12]),
		Content: content, UID: uid, GID: gid, Mode: mode, Sensitive: section == "secrets",
	}
	if !t.files.known[file.Path] {
		t.files.known[file.Path] = true
		t.files.files = append(t.files.files, file)
	}
	return append(mounts, kinds.Mount{
		Type: kinds.MountVolume, Source: filesVolume, Subpath: file.Path, Target: fileTarget(section, ref),
		ReadOnly: true, Secret: true, NoCopy: true,
	})
}

// fileTarget is where Docker puts a secret or config.
func fileTarget(section string, ref types.FileReferenceConfig) string {
	target := cmp.Or(ref.Target, ref.Source)
	if path.IsAbs(target) {
		return path.Clean(target)
	}
	if section == "secrets" {
		return path.Join("/run/secrets", target)
	}
	return path.Join("/", target)
}

// fileContent reads a secret or config.
func (t *translator) fileContent(section, name string, o types.FileObjectConfig) ([]byte, bool) {
	key := section + "." + name
	if content, ok := t.files.content[key]; ok {
		return content, true
	}
	what := strings.TrimSuffix(section, "s")
	var content []byte
	switch {
	case bool(o.External):
		t.fail(key+".external", fmt.Sprintf("%s %q is external: Incus keeps none", what, name), "declare it with file or environment")
		return nil, false
	case o.Driver != "" || o.TemplateDriver != "":
		t.fail(key, fmt.Sprintf("%s %q wants a driver, which only Docker Swarm has", what, name), "declare it with file or environment")
		return nil, false
	case o.File != "":
		read, err := os.ReadFile(o.File)
		if err != nil {
			t.fail(key+".file", fmt.Sprintf("the file of %s %q cannot be read: %v", what, name, plainPathError(err)),
				"create the file, or correct its path or permissions")
			return nil, false
		}
		content = read
	case o.Environment != "":
		value, ok := t.p.Environment[o.Environment]
		if !ok {
			t.fail(key+".environment", fmt.Sprintf("%s %q takes its value from %s, which is not set", what, name, o.Environment),
				fmt.Sprintf("set %s in the environment or in .env", o.Environment))
			return nil, false
		}
		content = []byte(value)
	default:
		content = []byte(o.Content)
	}
	t.files.content[key] = content
	return content, true
}

// ownerID reads a file's uid or gid, which Compose has as text.
func (t *translator) ownerID(text, at string) (int64, bool) {
	if text == "" {
		return 0, true
	}
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.fail(at, fmt.Sprintf("%q is not a number", text), "write the user's or group's number: names are known inside the image only")
		return 0, false
	}
	return int64(id), true
}

// declareFiles declares the volume with the secrets and configs, if there are any. It holds those of all services,
// wanted now or not: what it does not list is removed from it, and an instance that is not part of this run may be
// using it.
func (t *translator) declareFiles() {
	muted := *t
	muted.out = &Translation{}
	for name, s := range t.p.AllServices() {
		if !t.wanted[name] {
			muted.reported = map[string]bool{}
			muted.fileMounts(s)
		}
	}
	slices.SortFunc(t.files.files, func(a, b kinds.VolumeFile) int { return strings.Compare(a.Path, b.Path) })
	if len(t.files.files) == 0 {
		return
	}
	config := kinds.VolumeConfig{Project: t.p.Name, Ephemeral: true, Files: t.files.files}
	path := "secrets"
	if len(t.p.Secrets) == 0 {
		path = "configs"
	}
	t.declare(resource.Ref{Kind: resource.KindStorageVolume, Name: filesVolume}, config, path)
}

// fileThere says whether a file can be read, as far as this machine knows.
func (t *translator) fileThere(file string) bool {
	info, err := os.Stat(file)
	return err == nil && !info.IsDir()
}
