package host

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/icc-project/icc/sdk"
)

// memoryVersion changes with the form of the file; other versions are forgotten.
const memoryVersion = 1

// settled is how old a file's last change must be before its hash is remembered: within the clock's granularity, a
// file can change without showing it.
const settled = 2 * time.Second

// memory remembers between runs what is expensive to learn of plugin files: their hashes and their descriptions.
// Losing it costs time only.
type memory struct {
	path string // "" when there is no cache directory

	mu    sync.Mutex
	data  memoryData
	dirty bool
	seen  map[string]bool // the hashes that this run has come across
}

type memoryData struct {
	Version int                 `json:"version"`
	Files   map[string]fileHash `json:"files"` // by path
	// Descriptions are kept by the hash of the plugin file.
	Descriptions map[string]*sdk.Description `json:"descriptions"`
	// Failures names, by hash, the files that could not be described. They are asked again only when somebody needs
	// what they might offer, so that one plugin that hangs does not slow down every run.
	Failures map[string]bool `json:"failures,omitempty"`
}

type fileHash struct {
	identity
	SHA256 string `json:"sha256"`
}

// openMemory reads the memory of a cache directory. One that is damaged, or that others may have written, is empty.
func openMemory(dir string) *memory {
	m := &memory{seen: make(map[string]bool), data: memoryData{
		Version: memoryVersion, Files: make(map[string]fileHash), Descriptions: make(map[string]*sdk.Description),
		Failures: make(map[string]bool),
	}}
	if dir == "" {
		return m
	}
	m.path = filepath.Join(dir, "plugins.json")
	info, err := os.Stat(m.path)
	if err != nil || info.Mode().Perm()&0o022 != 0 || int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() {
		return m
	}
	doc, err := os.ReadFile(m.path)
	if err != nil {
		return m
	}
	var data memoryData
	if json.Unmarshal(doc, &data) == nil && data.Version == memoryVersion && data.Files != nil && data.Descriptions != nil {
		m.data = data
		if m.data.Failures == nil {
			m.data.Failures = make(map[string]bool)
		}
	}
	return m
}

// hash returns the SHA-256 of a file in hexadecimal, from memory when the file has not changed since.
func (m *memory) hash(id identity) (string, error) {
	m.mu.Lock()
	known, ok := m.data.Files[id.Path]
	m.mu.Unlock()
	if ok && known.identity == id {
		return known.SHA256, nil
	}
	sum, err := hashFile(id.Path)
	if err != nil {
		return "", fmt.Errorf("hashing the plugin: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen[sum] = true
	if time.Since(time.Unix(0, max(id.Mtime, id.Ctime))) > settled {
		m.data.Files[id.Path] = fileHash{identity: id, SHA256: sum}
		m.dirty = true
	}
	return sum, nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// description returns what the plugin file of this hash has said of itself, or nil.
func (m *memory) description(sum string) *sdk.Description {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data.Descriptions[sum]
}

func (m *memory) describe(sum string, d *sdk.Description) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data.Descriptions[sum] = d
	delete(m.data.Failures, sum)
	m.dirty = true
}

// failed says whether the file of this hash could not be described the last time.
func (m *memory) failed(sum string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.data.Failures[sum]
}

func (m *memory) fail(sum string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data.Failures[sum] = true
	m.dirty = true
}

// save writes the memory when it has changed. Files that are gone are forgotten with their descriptions; hosts that
// save at the same time overwrite each other, which costs the loser some time in its next run.
func (m *memory) save() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.dirty || m.path == "" {
		return nil
	}
	used := maps.Clone(m.seen)
	for path, f := range m.data.Files {
		if _, err := os.Stat(path); err != nil {
			delete(m.data.Files, path)
			continue
		}
		used[f.SHA256] = true
	}
	maps.DeleteFunc(m.data.Descriptions, func(sum string, _ *sdk.Description) bool { return !used[sum] })
	maps.DeleteFunc(m.data.Failures, func(sum string, _ bool) bool { return !used[sum] })
	doc, err := json.Marshal(m.data)
	if err != nil {
		return fmt.Errorf("writing what is known of plugins: %w", err)
	}
	if err := replaceFile(m.path, doc); err != nil {
		return fmt.Errorf("writing what is known of plugins: %w", err)
	}
	m.dirty = false
	return nil
}

// replaceFile writes a file so that readers see the old or the new content, never half of it.
func replaceFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".plugins-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
