package entra

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
)

// ErrPending says that a device code has not been entered yet: ask again after the interval.
var ErrPending = errors.New("the sign-in is not completed yet")

// Error is an error answer of Entra (Microsoft identity platform, "authentication and authorization error codes").
// Code decides; the texts are for people and change without notice.
type Error struct {
	Status        int    // HTTP status
	OAuth         string // RFC 6749 error, e.g. invalid_client
	Code          int    // the number after AADSTS; 0 where the answer has none, e.g. a proxy's
	Codes         []int  // all of error_codes
	Description   string // Entra's text, without its trailing ids
	SubError      string // e.g. bad_token, consent_required
	TraceID       string
	CorrelationID string
	RetryAfter    time.Duration // 0 if not said

	grant      string // what was asked for: the grant_type, or device_code_start; empty where it is not known
	secretIsID bool   // the secret sent had the form of a secret's id
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s answered %d", service, e.Status)
	if s := e.sentence(); s != "" {
		text += " " + s
	}
	if e.CorrelationID != "" {
		text += " (correlation id " + e.CorrelationID + ")"
	}
	return text
}

// TooFast reports whether a device code is asked for too often: the interval has to grow (RFC 8628, slow_down).
func TooFast(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.OAuth == "slow_down"
}

// Untimely reports whether Entra refused a signed assertion for the time that it says (AADSTS700024): one of the two clocks is off,
// or the request was a long time on its way.
func Untimely(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == 700024
}

// Is makes errors.Is(err, ErrPending) true for a device code that has not been entered.
func (e *Error) Is(target error) bool {
	// 70016 DeviceAuthorizationPending; slow_down is RFC 8628's, Entra does not document it.
	return target == ErrPending && (e.Code == 70016 || e.OAuth == "authorization_pending" || e.OAuth == "slow_down")
}

// Transient reports whether the same request may work a moment later.
func (e *Error) Transient() bool {
	switch e.Code {
	case 50033, 90006, 90024, 90033, 90090, 90055: // "retryable" and "throttling" in the list of codes
		return true
	}
	return azure.TransientStatus(e.Status) || e.OAuth == "temporarily_unavailable" || e.OAuth == "server_error"
}

// Wait is RetryAfter, for package azure.
func (e *Error) Wait() time.Duration { return e.RetryAfter }

// Transient reports whether an error of a Client is worth trying again as it is: no answer, throttled, or a fault of
// Microsoft's side.
func Transient(err error) bool { return azure.Transient(err) }

// RetryAfter returns how long Entra asks to wait; 0 if not said.
func RetryAfter(err error) time.Duration { return azure.RetryAfter(err) }

// Unreplicated reports whether err is what Entra answers while a new secret, certificate, application or service
// principal has not reached all its servers. Shortly after the change it is to be waited out, also when good answers
// have come in between; later it is what it says.
func Unreplicated(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Code {
	case 7000215, 700016, 7000229, 70021, 700211, 700212, 700213, 7002137:
		return true
	case 700027:
		return !e.keyExpired()
	}
	return false
}

// StateOf returns the account state that an error of AppToken stands for; valid for nil.
func StateOf(err error) account.State {
	if err == nil {
		return account.Valid
	}
	e, ok := errors.AsType[*Error](err)
	if !ok {
		e = &Error{}
	}
	switch {
	case e.Code == 7000215:
		return account.SecretInvalid
	case e.Code == 7000222, e.keyExpired():
		return account.Expired
	case e.Code == 700027, e.Code == 50012:
		return account.CertificateMismatch
	case e.Code == 700016, tenantUnknown(e.Code):
		return account.AppNotFound
	case e.Code == 7000229:
		return account.ServicePrincipalMissing
	case disabled(e.Code):
		return account.AppDisabled
	case blocked(e.Code):
		return account.Blocked
	case e.Transient(), Explain(err).Code == fault.Unreachable:
		return account.Unreachable
	}
	return account.Unknown
}

// Families of codes, from Microsoft's list.

func tenantUnknown(code int) bool {
	// 90002 InvalidTenantName, 900023 neither a GUID nor a domain, 50059 no tenant, 900382 and 900383 another cloud's
	return slices.Contains([]int{90002, 900023, 50059, 900382, 900383}, code)
}

func disabled(code int) bool { return code == 7000112 || code == 1000031 }

func blocked(code int) bool {
	return code >= 53000 && code <= 53011 || code >= 530001 && code <= 530099 || code == 50005 || code == 50131
}

// keyExpired tells the two cases of 700027 apart (and of 50012, the older code): the key is not registered, or it is
// and has ended. They share the code, so that the bracketed reason decides.
func (e *Error) keyExpired() bool {
	return (e.Code == 700027 || e.Code == 50012) && strings.Contains(strings.ToLower(e.Description), "key used is expired")
}

// readError reads an error answer. Whatever the body is, the result has the status.
func readError(status int, h http.Header, body []byte, now time.Time) *Error {
	e := &Error{Status: status, RetryAfter: azure.ReadRetryAfter(h, now), TraceID: h.Get("x-ms-request-id")}
	var answer struct {
		Error       any `json:"error"`
		Description any `json:"error_description"`
		Codes       any `json:"error_codes"`
		SubError    any `json:"suberror"`
		TraceID     any `json:"trace_id"`
		Correlation any `json:"correlation_id"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return e
	}
	line := func(v any, limit int) string {
		text, _ := v.(string)
		return azure.OneLine(text, limit)
	}
	e.OAuth, e.SubError = line(answer.Error, 100), line(answer.SubError, 100)
	e.Description = withoutIDs(line(answer.Description, 1500))
	e.CorrelationID = line(answer.Correlation, 100)
	if id := line(answer.TraceID, 100); id != "" {
		e.TraceID = id
	}
	list, _ := answer.Codes.([]any)
	for _, v := range list {
		switch v := v.(type) {
		case float64:
			e.Codes = append(e.Codes, int(v))
		case string:
			if n, err := strconv.Atoi(v); err == nil {
				e.Codes = append(e.Codes, n)
			}
		}
	}
	if len(e.Codes) > 0 {
		e.Code = e.Codes[0]
	} else {
		e.Code = codeIn(e.Description) // some answers have no error_codes
	}
	return e
}

// codeIn reads the number of "AADSTS7000215: …".
func codeIn(description string) int {
	rest, ok := strings.CutPrefix(description, "AADSTS")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// withoutIDs cuts "Trace ID: … Correlation ID: … Timestamp: …" off, which Entra appends to each description.
func withoutIDs(description string) string {
	if before, _, ok := strings.Cut(description, " Trace ID:"); ok {
		return before
	}
	return description
}

// sentence is the first sentence of Entra's text, after its code: "AADSTS7000215: Invalid client secret provided.".
func (e *Error) sentence() string {
	text := e.Description
	if i := strings.Index(text, ". "); i >= 0 {
		text = text[:i+1]
	}
	text = azure.OneLine(text, 300)
	switch {
	case text == "":
		text = e.OAuth
		if e.Code != 0 {
			text = "AADSTS" + strconv.Itoa(e.Code) + ": " + text
		}
	case !strings.HasPrefix(text, "AADSTS") && e.OAuth != "":
		text = e.OAuth + ": " + text
	}
	return text
}

// source is what a fault quotes: Microsoft's code and first sentence, and the id by which Microsoft's support finds it.
func (e *Error) source() string {
	text := e.sentence()
	if text == "" {
		text = "HTTP " + strconv.Itoa(e.Status)
	}
	if e.CorrelationID != "" {
		text += " (correlation id " + e.CorrelationID + ")"
	}
	return text
}
