package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

const extension = ".txt"

// fileName is what a note is called where it is kept; declaredName is the way back.
func fileName(name string) string { return url.PathEscape(name) + extension }

func declaredName(file string) string {
	name, err := url.PathUnescape(strings.TrimSuffix(file, extension))
	if err != nil {
		return file
	}
	return name
}

// shelf is the directory with the notes of one Compose project.
type shelf struct{ dir string }

func (p *provider) shelf() shelf {
	s := p.Settings()
	return shelf{dir: filepath.Join(s.CacheDir, "notes", s.ComposeProject)}
}

func (s shelf) path(name string) string { return filepath.Join(s.dir, name) }

// list returns the texts by file name.
func (s shelf) list() (map[string]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	texts := map[string]string{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), extension) {
			continue
		}
		text, err := os.ReadFile(s.path(e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted just now
		}
		if err != nil {
			return nil, err
		}
		texts[e.Name()] = string(text)
	}
	return texts, nil
}

// write puts the whole text there or nothing.
func (s shelf) write(name, text string) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(s.dir, "draft-")
	if err != nil {
		return err
	}
	_, err = draft.WriteString(text)
	err = errors.Join(err, draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), s.path(name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(draft.Name()))
	}
	return nil
}

// remove deletes a note, and the directory with the last one. A note that is gone is no error.
func (s shelf) remove(name string) (removed bool, err error) {
	err = os.Remove(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	_ = os.Remove(s.dir) // fails while there are others
	return err == nil, err
}

// state describes one note.
func (s shelf) state(ref resource.Ref, name, text string, exists, declared bool) resource.State {
	state := resource.State{Ref: ref, IncusName: name, Exists: exists, Declared: declared, Status: resource.StatusMissing}
	if exists {
		state.Status, state.Outputs = resource.StatusAvailable, s.outputs(name, text)
	}
	return state
}

func (s shelf) outputs(name, text string) json.RawMessage {
	return sdk.MustEncode(outputs{Path: s.path(name), Size: len(text)})
}
