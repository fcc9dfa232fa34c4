package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/kinds"
)

// contents records what files a files volume has, as digests by path. It lives in the volume's configuration, so
// that a plan needs no look into the volume.
type contents map[string]string

// readContents returns what a configuration records; a record nobody can read is no record.
func readContents(config map[string]string) contents {
	c := contents{}
	if json.Unmarshal([]byte(config[keyContents]), &c) != nil || c == nil {
		return contents{}
	}
	return c
}

// config returns the record as configuration, empty when there are no files.
func (c contents) config() map[string]string {
	if len(c) == 0 {
		return nil
	}
	return map[string]string{keyContents: string(sdk.MustEncode(c))}
}

// digest identifies a file's bytes, owner and mode. It is short enough for many files to fit into one key, and tells
// about a secret no more than that it changed.
func digest(f kinds.VolumeFile) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\x00%d\x00%d\x00%o\x00", f.Path, f.UID, f.GID, f.Mode)
	_, _ = h.Write(f.Content)
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}
