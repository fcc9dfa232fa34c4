package connect

import (
	"encoding/json"
	"os"

	"github.com/lxc/incus/v6/shared/cliconfig"
)

// bearerToken returns what the last browser log-in of the incus command left for the remote, or nothing. Refreshing it
// is left to that command: a server that refuses the token leads to a hint to log in again.
func (t target) bearerToken(config *cliconfig.Config) string {
	if !t.oidc || t.name == "" {
		return ""
	}
	content, err := os.ReadFile(config.OIDCTokenPath(t.name))
	if err != nil {
		return ""
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if json.Unmarshal(content, &tokens) != nil {
		return ""
	}
	return tokens.AccessToken
}
