package control

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/script"
)

// meter is one request's draw on an allowance. A nil meter counts nothing.
type meter struct {
	limits  *limits
	service string
	claims  claims
	now     time.Time
	wait    time.Duration // above 0: refused for so long

	key, reason        string // Graph
	subscription, kind string // Resource Manager
	left, global       int
}

func (m *meter) refused() bool { return m != nil && m.wait > 0 }

// answered adds to an answer what is left, and takes the resource units that it cost.
func (m *meter) answered(h http.Header, status, units int) {
	switch {
	case m == nil || status == 0:
	case m.service == "graph":
		m.limits.mu.Lock()
		defer m.limits.mu.Unlock()
		// Nothing is needed to take them: the work is done, and the next request pays.
		left, _ := m.limits.take(m.key, graphUnits(), m.now, math.Inf(-1), float64(units))
		most := graphUnits().most
		if f := m.limits.on.Factor; f > 0 {
			most = max(1, most*f)
		}
		if used := 1 - left/most; used >= 0.8 && h.Get("x-ms-throttle-limit-percentage") == "" {
			h.Set("x-ms-throttle-limit-percentage", strconv.FormatFloat(used, 'f', 1, 64))
		}
	default:
		if name := "x-ms-ratelimit-remaining-tenant-" + m.kind; m.subscription == "" && h.Get(name) != "" {
			h.Set(name, strconv.Itoa(m.left))
		}
		if name := "x-ms-ratelimit-remaining-subscription-" + m.kind; m.subscription != "" && h.Get(name) != "" {
			h.Set(name, strconv.Itoa(m.left))
			h.Set("x-ms-ratelimit-remaining-subscription-global-"+m.kind, strconv.Itoa(m.global))
		}
	}
}

// refuse answers 429 as the service words it (Microsoft Graph throttling guidance; Azure Resource Manager, request
// limits and throttling).
func (m *meter) refuse(w http.ResponseWriter) {
	seconds := int(math.Ceil(m.wait.Seconds()))
	h, id := w.Header(), uuid.NewString()
	h.Set("Retry-After", strconv.Itoa(seconds))
	var body any
	if m.service == "graph" {
		h.Set("Content-Type", "application/json")
		h.Set("request-id", id)
		h.Set("client-request-id", id)
		h.Set("x-ms-resource-unit", "0")
		scope := "ReadWrite"
		if m.reason == "WriteLimitExceeded" {
			scope = "Write"
		}
		h.Set("x-ms-throttle-scope", fmt.Sprintf("Tenant_Application/%s/%s/%s", scope, m.claims.AppID, m.claims.TenantID))
		h.Set("x-ms-throttle-information", m.reason)
		h.Set("x-ms-throttle-limit-percentage", "1.0")
		body = map[string]any{"error": map[string]any{
			"code": "TooManyRequests", "message": "Please retry again later.",
			"innerError": map[string]string{
				"code": "429", "message": "Please retry after", "status": "429",
				"date": m.now.Format("2006-01-02T15:04:05"), "request-id": id, "client-request-id": id,
			},
		}}
	} else {
		h.Set("Content-Type", "application/json; charset=utf-8")
		h.Set("x-ms-failure-cause", "gateway")
		h.Set("x-ms-request-id", id)
		h.Set("x-ms-correlation-request-id", id)
		kind := m.kind[:len(m.kind)-1]
		code, of := "TooManyRequests", "tenant '"+m.claims.TenantID
		if m.subscription != "" {
			code, of = "SubscriptionRequestsThrottled", "subscription '"+m.subscription
			h.Set("x-ms-ratelimit-remaining-subscription-"+m.kind, "0")
		} else {
			h.Set("x-ms-ratelimit-remaining-tenant-"+m.kind, "0")
		}
		body = map[string]any{"error": map[string]string{"code": code, "message": fmt.Sprintf(
			"Number of '%s' requests for %s' actor '%s' exceeded. Please try again after '%d' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information.",
			kind, of, m.claims.ObjectID, seconds)}}
	}
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain maps and texts always marshal
	}
	w.WriteHeader(http.StatusTooManyRequests)
	_, _ = w.Write(raw) // a client that left does not matter
}

func (c *Control) throttling(*http.Request, []string) (any, error) {
	c.limits.mu.Lock()
	defer c.limits.mu.Unlock()
	return c.limits.on, nil
}

func (c *Control) setThrottling(r *http.Request, _ []string) (any, error) {
	var in script.Throttling
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if err := checkThrottling(in, "factor"); err != nil {
		return nil, err
	}
	c.limits.set(in)
	return in, nil
}

func checkThrottling(t script.Throttling, field string) error {
	if t.Factor < 0 || t.Factor > 1000 || t.Factor > 0 && t.Factor < 0.0001 {
		return invalid(field, `"factor" is a number from 0.0001 to 1000: 1 leaves the limits as they are published.`)
	}
	return nil
}
