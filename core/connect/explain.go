package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/lxc/incus/v6/shared/api"

	"github.com/icc-project/icc/sdk/resource"
)

// errNotIncus says that something else than Incus answered.
var errNotIncus = errors.New("the answer is not that of an Incus server")

// explain turns the error of the first request into one that names the server and says what to do.
func (t target) explain(ctx context.Context, err error) error {
	var timeout net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return resource.ErrTimeout.WithText("the Incus server " + t.String() + " does not answer").Wrap(err).
			WithHint(t.choose("look at its log: `journalctl -u incus`", "check the address, the network and the firewall on the way"))
	case api.StatusErrorCheck(err, 401, 403):
		return t.untrusted()
	case errors.Is(err, errNotIncus):
		return resource.ErrConnectionFailed.WithText("connecting to " + t.String()).Wrap(err).
			WithHint("check that this is the address of an Incus server")
	case t.isRemote():
		return t.explainRemote(err)
	}
	return t.explainLocal(err)
}

func (t target) explainLocal(err error) error {
	switch {
	case errors.Is(err, syscall.ENOENT):
		return resource.ErrConnectionFailed.WithText("there is no Incus server on this machine: no socket " + t.socket).Wrap(os.ErrNotExist).
			WithHint("install Incus and start it (`apt install incus && systemctl start incus && incus admin init`), or name a server with --remote")
	case errors.Is(err, syscall.ECONNREFUSED):
		return resource.ErrConnectionFailed.WithText("the Incus server is not running: nobody listens on " + t.socket).Wrap(syscall.ECONNREFUSED).
			WithHint("start it with `systemctl start incus`, or name a server with --remote")
	case errors.Is(err, syscall.EACCES):
		return resource.ErrPermission.WithText("you may not use the Incus server: no access to " + t.socket).Wrap(syscall.EACCES).
			WithHint("join its group with `sudo usermod -aG incus-admin $USER` and log in again, or name a server with --remote")
	}
	return resource.ErrConnectionFailed.WithText("connecting to " + t.socket).Wrap(err).
		WithHint("check that INCUS_SOCKET or the remote names the socket of an Incus server")
}

func (t target) explainRemote(err error) error {
	failed := resource.ErrConnectionFailed.WithText("connecting to the Incus server " + t.String()).Wrap(err)
	var dns *net.DNSError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, errPinned):
		return failed.WithHint("if the server was set up anew, run " + t.addAgain("") + "; if not, somebody else may be answering in its place")
	case isCertificateError(err):
		return failed.WithHint("this machine does not trust its certificate: run " + t.addAgain(""))
	case errors.As(err, &dns):
		return failed.WithHint(fmt.Sprintf("the name %q is not known: correct the address with `incus remote set-url %s https://host:8443`", dns.Name, t.nameOr("NAME")))
	case errors.Is(err, syscall.ECONNREFUSED):
		return failed.WithHint("nobody listens there: start Incus on that machine and let it listen with `incus config set core.https_address :8443`")
	case errors.As(err, &record):
		return failed.WithHint("whatever listens there speaks no TLS: check the port")
	}
	return failed.WithHint("check the address, the network and the firewall on the way")
}

// untrusted says that the server does not know this client.
func (t target) untrusted() error {
	e := resource.ErrPermission.WithText("the Incus server " + t.String() + " does not trust this client")
	if t.oidc {
		return e.WithHint(fmt.Sprintf("log in again with `incus list %s:`", t.name))
	}
	if !t.isRemote() {
		return e.WithHint("join its group with `sudo usermod -aG incus-admin $USER` and log in again")
	}
	return e.WithHint("run `incus config trust add icc` on the server and " + t.addAgain(" --token TOKEN") + " here")
}

// addAgain are the commands that make the server's remote known. One that has a name is there already, and has to go first.
func (t target) addAgain(flags string) string {
	add := fmt.Sprintf("`incus remote add %s %s%s`", t.nameOr("NAME"), t.url, flags)
	if t.name == "" {
		return add
	}
	return fmt.Sprintf("`incus remote remove %s` and %s", t.name, add)
}

func isCertificateError(err error) bool {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verification *tls.CertificateVerificationError
	return errors.As(err, &unknown) || errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &verification)
}

func (t target) choose(local, remote string) string {
	if t.isRemote() {
		return remote
	}
	return local
}

func (t target) nameOr(other string) string {
	if t.name != "" {
		return t.name
	}
	return other
}
