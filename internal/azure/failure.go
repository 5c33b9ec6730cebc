package azure

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Failure is an error answer of Microsoft Graph or Azure Resource Manager. Both send
// {"error":{"code":…,"message":…}} (Microsoft REST API guidelines, "Error condition responses").
type Failure struct {
	Status     int    // HTTP status
	Code       string // Microsoft's code; empty where the body has none, e.g. of a proxy
	Message    string // Microsoft's text, bounded
	RequestID  string
	RetryAfter time.Duration // 0 if not said
}

// Text says the failure in one line.
func (f Failure) Text(service string) string {
	text := fmt.Sprintf("%s answered %d", service, f.Status)
	if f.Code != "" {
		text += " " + f.Source()
	}
	if f.RequestID != "" {
		text += " (request " + f.RequestID + ")"
	}
	return text
}

// Source is Microsoft's code and text as a fault quotes them.
func (f Failure) Source() string {
	switch {
	case f.Code == "":
		return "HTTP " + strconv.Itoa(f.Status)
	case f.Message == "":
		return f.Code
	}
	return f.Code + ": " + f.Message
}

// ReadFailure reads an error answer. Whatever the body is, the result has the status.
func ReadFailure(status int, h http.Header, body []byte, now time.Time) Failure {
	f := Failure{Status: status, RequestID: requestID(h), RetryAfter: ReadRetryAfter(h, now)}
	var outer struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &outer) != nil || len(outer.Error) == 0 {
		outer.Error = body // some gateways leave the envelope out
	}
	var inner struct {
		Code       string `json:"code"`
		Message    string `json:"message"`
		InnerError struct {
			RequestID string `json:"request-id"`
		} `json:"innerError"`
	}
	if json.Unmarshal(outer.Error, &inner) != nil {
		return f
	}
	f.Code, f.Message = OneLine(inner.Code, 100), OneLine(inner.Message, 600)
	if f.RequestID == "" {
		f.RequestID = OneLine(inner.InnerError.RequestID, 100)
	}
	return f
}

// OneLine makes a stranger's text fit for one line of a log or a message: no control characters, at most limit runes.
func OneLine(text string, limit int) string {
	var b strings.Builder
	n := 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		for _, r := range " " + word {
			if n == 0 && r == ' ' {
				continue
			}
			if n == limit {
				return b.String() + "…"
			}
			b.WriteRune(r)
			n++
		}
	}
	return b.String()
}

// ReadRetryAfter reads the header Retry-After, in seconds or as a date (RFC 9110, 10.2.3), and 0 if it says nothing
// sensible. A date is taken relative to the answer's own Date where there is one, so that clocks need not agree.
func ReadRetryAfter(h http.Header, now time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		if seconds < 0 || seconds > int64(math.MaxInt64/time.Second) {
			return 0
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return max(0, at.Sub(now))
}
