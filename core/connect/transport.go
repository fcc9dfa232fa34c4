package connect

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/lxc/incus/v6/shared/cliconfig"

	"github.com/icc-project/icc/sdk/resource"
)

// errPinned says that a server showed another certificate than the one recorded for its remote.
var errPinned = errors.New("the server's certificate is not the one recorded for this remote")

// dialTimeout bounds a TCP connection or TLS handshake each, so that a dead address is known soon.
const dialTimeout = 8 * time.Second

// transport returns what carries requests to the target. Remote connections are kept and used again, which makes
// each request some 18 times cheaper than the handshake the Incus client does for every one.
func (t target) transport(config *cliconfig.Config) (*http.Transport, error) {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 5 * time.Second}
	if !t.isRemote() {
		return &http.Transport{
			DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, "unix", t.socket)
			},
		}, nil
	}
	tlsConfig, err := t.tlsConfig(config)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       tlsConfig,
		TLSHandshakeTimeout:   dialTimeout,
		ExpectContinueTimeout: time.Second,
		MaxIdleConnsPerHost:   64,
		IdleConnTimeout:       time.Minute,
		// HTTP/2 has no protocol upgrades, which exec, console, events and SFTP need.
		TLSNextProto:    map[string]func(string, *tls.Conn) http.RoundTripper{},
		WriteBufferSize: 64 << 10,
		ReadBufferSize:  64 << 10,
	}, nil
}

// tlsConfig trusts the certificate recorded for the remote, whatever names and dates it bears, and otherwise what the
// system (or the remote's own CA) trusts for the host's name.
func (t target) tlsConfig(config *cliconfig.Config) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS13}
	cert, key, ca, err := config.GetClientCertificate(t.name)
	if err != nil {
		return nil, resource.ErrConfig.WithText("the Incus client certificate cannot be read").Wrap(err).
			WithHint("icc asks for no passwords: use a key without one for this remote, under clientcerts/ in the Incus client configuration")
	}
	if cert != "" && key != "" && !t.oidc {
		pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
		if err != nil {
			return nil, resource.ErrConfig.WithText("the Incus client certificate in " + config.ConfigDir + " is damaged").Wrap(err).
				WithHint("run `incus remote generate-certificate` and let the server trust the new one")
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	if ca != "" {
		cfg.RootCAs = x509.NewCertPool()
		cfg.RootCAs.AppendCertsFromPEM([]byte(ca))
	}
	if t.name == "" {
		return cfg, nil
	}
	path := config.ServerCertPath(t.name)
	recorded, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return cfg, nil
	}
	block, _ := pem.Decode(recorded)
	if err != nil || block == nil {
		return nil, resource.ErrConfig.WithText("the recorded server certificate " + path + " cannot be read").Wrap(err).
			WithHint(fmt.Sprintf("remove and add the remote again: `incus remote remove %[1]s; incus remote add %[1]s %[2]s`", t.name, t.url))
	}
	pin(cfg, block.Bytes, t.url.Hostname())
	return cfg, nil
}

// pin makes cfg accept the very certificate that was recorded. Another one must be valid for the host in the usual way,
// as it is after a server moved from its own certificate to one of a public authority.
func pin(cfg *tls.Config, recorded []byte, host string) {
	roots := cfg.RootCAs
	cfg.InsecureSkipVerify = true // VerifyConnection below does the work
	cfg.VerifyConnection = func(cs tls.ConnectionState) error {
		if bytes.Equal(cs.PeerCertificates[0].Raw, recorded) {
			return nil
		}
		opts := x509.VerifyOptions{Roots: roots, DNSName: host, Intermediates: x509.NewCertPool()}
		for _, c := range cs.PeerCertificates[1:] {
			opts.Intermediates.AddCert(c)
		}
		if _, err := cs.PeerCertificates[0].Verify(opts); err != nil {
			return errPinned
		}
		return nil
	}
}
