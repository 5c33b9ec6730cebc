// Package fault has the one error type that people read.
//
// A fault says what happened (Message), what it means (Meaning) and what to do next (Remedy). It is mapped once to
// problem+json by package api, once to an exit code by the command line, and once to a message on the page.
// Errors that only code reads stay ordinary wrapped errors.
package fault

import (
	"errors"
	"fmt"
)

// Code classifies a fault. The set is part of the REST API (member "code" of a problem) and of the exit codes.
type Code string

// The codes. Each has one HTTP status and one exit code; see package api and docs/cli.md.
const (
	Invalid      Code = "invalid"       // an input is wrong; Field names it
	Unauthorized Code = "unauthorized"  // no or a wrong API token
	NotFound     Code = "not_found"     // the account or operation does not exist
	Conflict     Code = "conflict"      // the request does not fit the present state
	Refused      Code = "refused"       // a rule of Evercred or of Azure forbids it
	NeedsChoice  Code = "needs_choice"  // a person must choose before it can go on
	NeedsSignIn  Code = "needs_sign_in" // rights are missing; a sign-in would bring them
	SignIn       Code = "sign_in"       // the sign-in expired, was declined or blocked
	Credential   Code = "credential"    // the credential does not authenticate
	Permission   Code = "permission"    // roles or permissions are missing
	Azure        Code = "azure"         // Microsoft answered with an error that none of the above covers
	Unreachable  Code = "unreachable"   // no answer from Microsoft, or from the Evercred server
	Interrupted  Code = "interrupted"   // the operation was stopped half-way and nothing was kept
	Internal     Code = "internal"      // a defect or a full disk on our side
)

// Error is a fault. Message is required; the others are as the case needs.
// Neither of them ever holds a secret.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`           // what happened, one plain sentence
	Meaning string `json:"meaning,omitempty"` // what it means
	Remedy  string `json:"remedy,omitempty"`  // what to do next
	Field   string `json:"field,omitempty"`   // the input at fault, by its REST name
	Source  string `json:"source,omitempty"`  // Microsoft's own code and text, e.g. "AADSTS53003: …"
	Cause   error  `json:"-"`
}

func (e *Error) Error() string {
	s := e.Message
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Remedy != "" {
		s += " " + e.Remedy
	}
	return s
}

func (e *Error) Unwrap() error { return e.Cause }

// New makes a fault from its code and message.
func New(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// BadField makes the fault of a wrong input: the field, what is wrong with it, and the remedy.
func BadField(field, message, remedy string) *Error {
	return &Error{Code: Invalid, Field: field, Message: message, Remedy: remedy}
}

// WithMeaning sets what the fault means and returns it.
func (e *Error) WithMeaning(format string, args ...any) *Error {
	e.Meaning = fmt.Sprintf(format, args...)
	return e
}

// WithRemedy sets what to do next and returns the fault.
func (e *Error) WithRemedy(format string, args ...any) *Error {
	e.Remedy = fmt.Sprintf(format, args...)
	return e
}

// WithCause keeps the underlying error for logs and errors.Is.
func (e *Error) WithCause(err error) *Error {
	e.Cause = err
	return e
}

// From returns err's fault. An error without one becomes an Internal fault that keeps it as its cause.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Error](err); ok {
		return f
	}
	return &Error{
		Code:    Internal,
		Message: "Something failed inside Evercred: " + err.Error() + ".",
		Meaning: "What was asked for did not complete. Nothing that was stored before is lost.",
		Remedy:  "Try again; if it stays, look at the server's log.",
		Cause:   err,
	}
}

// Is reports whether err carries a fault with the given code.
func Is(err error, code Code) bool {
	f, ok := errors.AsType[*Error](err)
	return ok && f.Code == code
}
