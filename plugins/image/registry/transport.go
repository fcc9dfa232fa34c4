package registry

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/icc-project/icc/plugins/image/reference"
	"github.com/icc-project/icc/sdk/resource"
)

// newTransport waits for nothing longer than a user would: a registry that is down shows in seconds.
func newTransport(ref reference.Reference) (http.RoundTripper, error) {
	trust, err := trustOf(ref)
	if err != nil {
		return nil, resource.ErrImageSource.
			WithText(fmt.Sprintf("reading the certificates for registry %s", ref.Registry)).
			WithHint("check the files; *.crt are CAs, *.cert and *.key belong together").Wrap(err)
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       30 * time.Second,
		TLSClientConfig:       trust,
	}, nil
}

// trustFolders hold what podman and docker trust a registry by: a folder for each host and port.
func trustFolders() []string {
	folders := []string{"/etc/containers/certs.d", "/etc/docker/certs.d"}
	if configs, err := os.UserConfigDir(); err == nil {
		folders = append(folders, filepath.Join(configs, "containers/certs.d"), filepath.Join(configs, "docker/certs.d"))
	}
	return folders
}

// trustOf returns what is particular about the registry's certificates, nil for most registries.
func trustOf(ref reference.Reference) (*tls.Config, error) {
	var authorities [][]byte
	if ref.Remote.Certificate != "" {
		authorities = append(authorities, []byte(ref.Remote.Certificate))
	}
	var own []tls.Certificate
	for _, folder := range trustFolders() {
		folder = filepath.Join(folder, ref.Host())
		files, err := filepath.Glob(filepath.Join(folder, "*.crt"))
		if err != nil {
			return nil, err // a host with odd characters
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			authorities = append(authorities, data)
		}
		pairs, err := clientCertificates(folder)
		if err != nil {
			return nil, err
		}
		own = append(own, pairs...)
	}
	if authorities == nil && own == nil {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	for _, data := range authorities {
		pool.AppendCertsFromPEM(data)
	}
	return &tls.Config{RootCAs: pool, Certificates: own}, nil
}

// clientCertificates are those with which we are known to the registry.
func clientCertificates(folder string) ([]tls.Certificate, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.cert"))
	if err != nil {
		return nil, err
	}
	var out []tls.Certificate
	for _, file := range files {
		pair, err := tls.LoadX509KeyPair(file, strings.TrimSuffix(file, ".cert")+".key")
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", file, err)
		}
		out = append(out, pair)
	}
	return out, nil
}
