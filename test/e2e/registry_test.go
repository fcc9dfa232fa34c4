//go:build incus

package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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

	// The image outlives the project on the server.
	author.ok("down")
	author.write("Containerfile", "FROM busybox:1\nRUN false\n")
	author.ok("push")

	user := author.another("services:\n  web: {image: \"docker.io/e2e/" + author.name + ":1\"}\n")
	user.ok("up", "-d")

	if got := user.inside("web", "cat /word"); got != word || !strings.HasPrefix(got, "built ") {
		t.Errorf("the registry has an image that says %q, the server one that says %q", got, word)
	}

	user.ok("down", "--rmi", "all")

	// An up may be about to use what has just been fetched.
	user.ok("pull")

	for _, flag := range []string{"--all=false", "--all=true"} {
		if r := user.ok("images", "prune", "--dry-run", flag); strings.Contains(r.stdout, "e2e/"+author.name) != (flag == "--all=true") {
			t.Errorf("the image that was fetched just now: %s", r)
		}
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

// certificate makes a certificate for 127.0.0.1 that is its own authority, and returns the files with it and its key.
func (p *project) certificate() (certificate, key string) {
	p.t.Helper()

	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.must(err)

	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a CA of our own"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	p.must(err)

	raw, err := x509.MarshalPKCS8PrivateKey(private)
	p.must(err)

	p.write("ca.crt", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	p.write("ca.key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})))

	return filepath.Join(p.dir, "ca.crt"), filepath.Join(p.dir, "ca.key")
}

func TestARegistryWithAPrivateCAAndALoginAndAsAMirror(t *testing.T) {
	t.Parallel()
	author := newProject(t, "")
	certificate, key := author.certificate()
	host := author.registryOver("https", fmt.Sprintf(", tls: {certificate: %q, key: %q}", certificate, key))
	image := host + "/team/" + author.name + ":1"
	author.write("compose.yaml", "services:\n  web:\n    image: "+image+"\n    build: ./web\n")
	author.write("web/Containerfile", "FROM busybox:1\nRUN echo "+author.name+" > /word\nCMD [\"sleep\", \"infinity\"]\n")
	author.write("home/.config/containers/auth.json", `{"auths":{"`+host+`":{"auth":"bWU6c2VjcmV0"}}}`)
	author.env = append(author.env, "HOME="+filepath.Join(author.dir, "home"))

	trusted := filepath.Join("home/.config/containers/certs.d", host, "ca.crt")
	said := []string{"registry " + host + " has a certificate that this machine does not trust", "/certs.d/" + host + "/ca.crt"}

	author.ok("build")
	author.fails(1, []string{"push"}, said...)

	ca, err := os.ReadFile(certificate)
	author.must(err)
	author.write(trusted, string(ca))
	author.ok("push")
	author.ok("down", "--rmi", "all")

	user := author.another("services:\n  web: {image: \"" + image + "\"}\n")
	user.ok("up", "-d")

	if got := user.inside("web", "cat /word"); got != author.name {
		t.Errorf("the image has %q", got)
	}

	user.ok("down", "--rmi", "all")
	author.remove(trusted)
	user.fails(1, []string{"up", "-d"}, said...)

	// The remote's own certificate is trusted, too, and its login counts for nobody but the server.
	client := filepath.Join(author.dir, "client")
	author.write("client/config.yml", fmt.Sprintf("default-remote: local\nremotes:\n  local: {addr: \"unix://%s\"}\n"+
		"  quay.io: {addr: \"https://%s\", protocol: oci, public: true}\n", author.host.Socket, host))
	author.write("client/servercerts/quay.io.crt", string(ca))

	mirrored := author.another("services:\n  web: {image: \"quay.io/team/" + author.name + ":1\"}\n").with("INCUS_CONF=" + client)
	mirrored.ok("up", "-d")

	if got := mirrored.images()[0]; got.Repository != "quay.io/team/"+author.name {
		t.Errorf("the mirrored image is called %+v", got)
	}

	mirrored.ok("down", "--rmi", "all")
}
