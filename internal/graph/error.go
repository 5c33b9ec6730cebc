package graph

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
)

// Error is an error answer of Microsoft Graph: Status, Code, Message, RequestID, RetryAfter (Microsoft Graph, "error
// responses and resource types").
type Error azure.Failure

func (e *Error) Error() string { return azure.Failure(*e).Text(service) }

// Transient reports whether the same request may work a moment later. A concurrent change of the same object is among
// them: nothing was done.
func (e *Error) Transient() bool {
	return azure.TransientStatus(e.Status) || e.Code == "Directory_ConcurrencyViolation"
}

// Wait is RetryAfter, for package azure.
func (e *Error) Wait() time.Duration { return e.RetryAfter }

// Transient reports whether an error of a Client is worth trying again as it is. A write that got no answer is among
// them, though it may have been done.
func Transient(err error) bool { return azure.Transient(err) }

// RetryAfter returns how long Graph asks to wait; 0 if not said.
func RetryAfter(err error) time.Duration { return azure.RetryAfter(err) }

// notFound is Graph's code for an object that is not there.
const notFound = "Request_ResourceNotFound"

// IsNotFound reports whether Graph answered that there is no such object.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsForbidden reports whether Graph refused for want of rights. Nothing was changed.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

func hasCode(err error, code string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == code
}

func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == status
}

// IsProofRefused reports whether Graph did not take a proof of possession: right after a certificate was added, a server
// may not know it yet. Nothing was changed.
func IsProofRefused(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusUnauthorized && e.Code == "Authentication_MissingOrMalformed"
}

// IsNoSuchKey reports whether RemovePassword or RemoveKey failed because the application does not have the credential. Graph has no code
// of its own for it: 400 Request_BadRequest "No password credential found with keyId.".
func IsNoSuchKey(err error) bool {
	return hasStatus(err, http.StatusBadRequest) && (says(err, "no password credential found") || says(err, "no key credential found"))
}

// IsStaleKeys reports whether Graph refused a list of certificates because one of them is not there any more: a server that lags
// still showed it. Nothing was changed.
func IsStaleKeys(err error) bool {
	return hasStatus(err, http.StatusBadRequest) && says(err, "a value is required for property 'key'")
}

// Unreplicated reports whether err is what Graph answers while an object that was just made has not reached all its
// servers: not found, or, for a service principal, that its application is not there (400 and 403 under general codes).
func Unreplicated(err error) bool {
	return IsNotFound(err) || says(err, "does not reference a valid application object") ||
		says(err, "backing application of the service principal being created must")
}

func says(err error, text string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && strings.Contains(strings.ToLower(e.Message), text)
}

// Explain says what an error of a Client means and what to do about it. nil stays nil.
func Explain(err error) *fault.Error { return azure.Explain(err, service) }

// Fault says what the answer means to people.
func (e *Error) Fault() *fault.Error {
	f := e.meaning()
	f.Source = azure.Failure(*e).Source()
	return f
}

func (e *Error) meaning() *fault.Error {
	fail := func(code fault.Code, message, meaning, remedy string) *fault.Error {
		return &fault.Error{Code: code, Message: message, Meaning: meaning, Remedy: remedy}
	}
	switch e.Code {
	case "CredentialTypeNotAllowedAsPerAppPolicy":
		return fail(fault.Refused, "A policy of the tenant does not allow client secrets on this application.",
			"An application management policy forbids them. Nothing was changed.",
			"Use a certificate instead, or ask who owns the policy (application management policies in Microsoft Entra) for an exception for this application.")
	case "CredentialInvalidLifetimeAsPerAppPolicy":
		f := fail(fault.Refused, "A policy of the tenant does not allow a secret to last that long.",
			"An application management policy limits how long secrets may last. Nothing was changed.",
			"Choose a shorter lifetime (--lifetime), or ask who owns the policy for an exception for this application.")
		f.Field = "lifetime"
		return f
	case "Directory_QuotaExceeded":
		return fail(fault.Refused, "The limit of objects in the directory is reached.",
			"A person without an administrator role may own 250 objects; the tenant has a limit as well. Deleted ones count for some time.",
			"Delete applications that are no longer used, or sign in as an Application Administrator.")
	case "Directory_ConcurrencyViolation":
		return fail(fault.Conflict, "The application was changed by somebody else at the same moment.", "Nothing was changed by Evercred.", "Try again.")
	}
	switch {
	case e.Code == "": // not Graph's
	case says(e, "size of the object has exceeded its limit"):
		return fail(fault.Refused, "The application has no room for another credential.",
			"Microsoft limits the size of an application; old credentials count.", "Remove credentials of the application that are no longer used, then try again.")
	case e.Status == http.StatusForbidden:
		return fail(fault.Permission, "The rights in Microsoft Entra are not enough.",
			"Changing an application needs its owner, or a person with the role Application Administrator or Cloud Application Administrator. Azure roles such as Owner do not count here. Nothing was changed.",
			"Sign in as an owner of the application or as somebody with one of these roles. If the role is held through Privileged Identity Management, activate it first; it can take some minutes to count.")
	case e.Status == http.StatusNotFound:
		return fail(fault.Azure, "Microsoft Entra does not have the object.",
			"It was deleted, or it is so new that it has not reached all of Microsoft's servers.", "Try again in a few minutes; if it stays, check the account.")
	case e.Status == http.StatusConflict || e.Code == "Request_MultipleObjectsWithSameKeyValue":
		return fail(fault.Conflict, "Microsoft Entra has something of that kind already.",
			"Nothing was changed.", "Look at what Microsoft says, then try again.")
	}
	return azure.Failure(*e).Fault(service)
}
