package azure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/evercred/evercred/internal/fault"
)

// Answer is an error that Microsoft answered with: the Error of packages entra, graph and arm.
type Answer interface {
	error
	Fault() *fault.Error // what it means to people; the cause is left to Explain
	Transient() bool     // worth trying again as it is
	Wait() time.Duration // how long Microsoft asks to wait first; 0 if not said
}

// NoAnswer is a request that got no answer, or only a part of one. Whether it was done is not known.
type NoAnswer struct {
	Service string
	Err     error
}

func (e *NoAnswer) Error() string { return "no answer from " + e.Service + ": " + bare(e.Err).Error() }

func (e *NoAnswer) Unwrap() error { return e.Err }

// TransientStatus reports whether an HTTP status is one that passes by itself.
func TransientStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// Transient reports whether err may pass by itself: no answer, or an answer that says so. It is not, where the caller
// gave up or the server's certificate is not trusted.
func Transient(err error) bool {
	if a, ok := errors.AsType[Answer](err); ok {
		return a.Transient()
	}
	return unanswered(err) && !errors.Is(err, context.Canceled) && !untrusted(err)
}

// RetryAfter returns how long Microsoft asks to wait; 0 if not said.
func RetryAfter(err error) time.Duration {
	if a, ok := errors.AsType[Answer](err); ok {
		return a.Wait()
	}
	return 0
}

// Explain says what an error of the named service means and what to do. nil stays nil.
func Explain(err error, service string) *fault.Error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if a, ok := errors.AsType[Answer](err); ok {
		return a.Fault().WithCause(err)
	}
	if n, ok := errors.AsType[*NoAnswer](err); ok {
		service = n.Service
	}
	switch {
	case unanswered(err):
		return explainNoAnswer(err, service)
	case errors.Is(err, ErrUnreadable):
		return Foreign(service, "").WithCause(err)
	}
	return fault.From(err)
}

// Fault says what a failure means where its code and service have nothing of their own to say.
func (f Failure) Fault(service string) *fault.Error {
	switch {
	case f.Status == http.StatusTooManyRequests:
		return fault.New(fault.Azure, "%s refuses requests for the moment because there were too many.", service).
			WithMeaning("The limits are counted over a whole tenant or subscription, and other software uses them too.").
			WithRemedy("%s", TryAgain(f.RetryAfter))
	case TransientStatus(f.Status):
		return fault.New(fault.Azure, "%s has a problem of its own at the moment.", service).WithRemedy("%s", TryAgain(f.RetryAfter))
	case f.Code == "":
		return Foreign(service, fmt.Sprintf(" (HTTP %d)", f.Status))
	case f.Status == http.StatusUnauthorized:
		return fault.New(fault.SignIn, "%s does not accept the token.", service).
			WithMeaning("It has ended or was revoked, as when a password or a policy changed. Nothing was changed.").
			WithRemedy("Try again; where a person's rights were used, sign in again.")
	}
	return fault.New(fault.Azure, "%s refused the request.", service).WithRemedy("Look at what Microsoft says, then try again.")
}

// Foreign is the fault of an answer that is not Microsoft's. detail follows its message.
func Foreign(service, detail string) *fault.Error {
	return fault.New(fault.Unreachable, "Something answered in place of %s%s, in a form that Evercred cannot read.", service, detail).
		WithMeaning("Most often a proxy or a sign-in page of the network stands between.").
		WithRemedy("Check the proxy settings (HTTPS_PROXY) of the Evercred server, and that it may reach Microsoft's hosts, then try again.")
}

// TryAgain says when, for people.
func TryAgain(after time.Duration) string {
	if after <= 0 {
		return "Try again in a few minutes."
	}
	return fmt.Sprintf("Try again in %s.", after.Round(time.Second))
}

func explainNoAnswer(err error, service string) *fault.Error {
	f := fault.New(fault.Unreachable, "%s did not answer.", service).WithCause(err).
		WithRemedy("Check the network, the firewall and the proxy settings (HTTPS_PROXY) of the Evercred server, then try again.")
	switch name, isName := errors.AsType[*net.DNSError](err); {
	case errors.Is(err, context.Canceled):
		return f.WithMeaning("The request was stopped before the answer came.").WithRemedy("Try again.")
	case untrusted(err):
		f.Message = "The server that answered for " + service + " has a certificate that is not trusted."
		return f.WithMeaning("Most often a proxy that reads encrypted traffic stands between: %s.", bare(err)).
			WithRemedy("Add that proxy's certificate authority to the system's trusted roots on the Evercred server, or let the proxy pass Microsoft's hosts unread.")
	case isName:
		return f.WithMeaning("The name %s could not be looked up.", name.Name)
	case errors.Is(err, context.DeadlineExceeded):
		return f.WithMeaning("It took too long.")
	}
	return f.WithMeaning("The connection failed: %s.", bare(err))
}

// unanswered reports whether err is of the network and not of an answer.
func unanswered(err error) bool {
	if _, ok := errors.AsType[*NoAnswer](err); ok {
		return !errors.Is(err, ErrUnreadable)
	}
	if _, ok := errors.AsType[net.Error](err); ok { // *url.Error and *net.OpError too
		return true
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func untrusted(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

// bare is the error without method and URL.
func bare(err error) error {
	if n, ok := errors.AsType[*NoAnswer](err); ok {
		err = n.Err
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
