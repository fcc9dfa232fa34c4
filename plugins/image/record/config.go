package record

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// configPrefix begins the properties that hold a configuration; the first digits of its digest follow.
const configPrefix = "user.icc.config."

const keyDigits = 12

// Config is an image's configuration under one digest.
type Config struct {
	Digest       string              `json:"digest"`
	Architecture string              `json:"architecture,omitempty"`
	CreatedAt    time.Time           `json:"created_at,omitzero"`
	Process      *kinds.ImageProcess `json:"process"`
}

// ConfigKey returns the name of the property for a digest.
func ConfigKey(digest string) string {
	_, hex, _ := strings.Cut(digest, ":")
	return configPrefix + hex[:min(keyDigits, len(hex))]
}

// Properties returns the image properties that keep the configuration and mark the image as made by icc.
func (c Config) Properties(version string) (map[string]string, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encoding the configuration of %s: %w", c.Digest, err)
	}
	return map[string]string{ConfigKey(c.Digest): string(data), resource.KeyVersion: version}, nil
}

// ConfigOf returns the configuration that the image's properties have for a digest, or nil.
func ConfigOf(properties map[string]string, digest string) *Config {
	data, ok := properties[ConfigKey(digest)]
	if !ok || digest == "" {
		return nil
	}
	var c Config
	if err := json.Unmarshal([]byte(data), &c); err != nil || c.Digest != digest {
		return nil
	}
	return &c
}

// Ours says whether icc made the image.
func Ours(properties map[string]string) bool { return properties[resource.KeyVersion] != "" }
