// Package control is how a test or a person moves the emulated cloud: it answers sign-ins, moves the clock, injects
// faults, delays replication, and shows what was asked of the services. All of it lives under /_emulator/.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/script"
)

// maxBody bounds the body of a control request.
const maxBody = 4 << 20

// Config is what the controls work on.
type Config struct {
	Directory *directory.Store
	SignIns   SignIns
	Logger    *slog.Logger
	LogSize   int // requests that the log keeps; 0: 100,000
}

// SignIns answers device codes in a person's place, and says what Conditional Access refuses a person. Its errors are
// those of package entra.
type SignIns interface {
	Approve(userCode, userPrincipalName string) error
	Deny(userCode string) error
	SetAccessRules(userPrincipalName string, rules []directory.AccessRule) error
}

// Control has the fault rules, the limits and the request log, which live in memory: a restart clears them.
type Control struct {
	directory *directory.Store
	signIns   SignIns
	logger    *slog.Logger
	log       *requestLog
	faults    *faults
	limits    *limits
	scenario  script.Scenario // last begun; guarded by the lock of faults
}

// New returns controls without rules and with an empty log.
func New(c Config) *Control {
	calm, _ := script.Named(script.Calm)
	if c.LogSize == 0 {
		c.LogSize = logSize
	}
	controls := &Control{
		directory: c.Directory, signIns: c.SignIns, logger: c.Logger, log: newRequestLog(c.LogSize), faults: &faults{}, scenario: calm,
	}
	controls.limits = newLimits(controls.personalApplication)
	return controls
}

// refusal is an error for the caller of a control.
type refusal struct {
	status               int
	code, field, message string
}

func (e *refusal) Error() string { return e.message }

func invalid(field, format string, args ...any) error {
	return &refusal{http.StatusBadRequest, "InvalidValue", field, fmt.Sprintf(format, args...)}
}

// action is one method of one control.
type action func(r *http.Request, segments []string) (any, error)

// route returns the actions of a path by method; nil for an unknown path.
func (c *Control) route(segments []string) map[string]action {
	if len(segments) == 3 && segments[0] == "devicecodes" {
		switch segments[2] {
		case "approve":
			return map[string]action{"POST": c.approve}
		case "deny":
			return map[string]action{"POST": c.deny}
		}
		return nil
	}
	if len(segments) == 3 && segments[0] == "users" && segments[2] == "access" {
		return map[string]action{"GET": c.access, "PUT": c.setAccess}
	}
	if len(segments) != 1 {
		return nil
	}
	switch segments[0] {
	case "clock":
		return map[string]action{"GET": c.clock, "POST": c.moveClock}
	case "requests":
		return map[string]action{"GET": c.requests, "DELETE": c.clearRequests}
	case "faults":
		return map[string]action{"GET": c.listFaults, "PUT": c.setFaults, "DELETE": c.clearFaults}
	case "replication":
		return map[string]action{"GET": c.replication, "PUT": c.setReplication}
	case "throttling":
		return map[string]action{"GET": c.throttling, "PUT": c.setThrottling}
	case "scenario":
		return map[string]action{"GET": c.playing, "PUT": c.setScenario, "DELETE": c.endScenario}
	case "scenarios":
		return map[string]action{"GET": c.listScenarios}
	case "actions":
		return map[string]action{"POST": c.act}
	case "errors":
		return map[string]action{"GET": c.listErrors}
	case "users":
		return map[string]action{"GET": c.users}
	case "applications":
		return map[string]action{"GET": c.applications}
	}
	return nil
}

// ServeHTTP answers under /_emulator/. Errors are {"error":{"code","message","field"}}.
func (c *Control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	segments := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, "/_emulator"), "/"), "/")
	actions := c.route(segments)
	do := actions[r.Method]
	if do == nil && r.Method == http.MethodHead {
		do = actions[http.MethodGet]
	}
	var body any
	var err error
	switch {
	case actions == nil:
		err = &refusal{http.StatusNotFound, "NotFound", "", "There is no control at " + r.URL.Path +
			". Controls are devicecodes/{user_code}/approve, devicecodes/{user_code}/deny, clock, requests, faults, errors, actions, replication, throttling, scenario, scenarios, users, users/{user}/access and applications."}
	case do == nil:
		allowed := []string{}
		for _, m := range []string{"GET", "POST", "PUT", "DELETE"} {
			if actions[m] != nil {
				allowed = append(allowed, m)
			}
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		err = &refusal{http.StatusMethodNotAllowed, "MethodNotAllowed", "", r.URL.Path + " takes " + strings.Join(allowed, " or ") + ", not " + r.Method + "."}
	default:
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		body, err = do(r, segments)
	}
	c.answer(w, r, body, err)
}

func (c *Control) answer(w http.ResponseWriter, r *http.Request, body any, err error) {
	status := http.StatusOK
	if err != nil {
		var e *refusal
		if !errors.As(err, &e) {
			c.logger.ErrorContext(r.Context(), "control failed", "path", r.URL.Path, "error", err)
			e = &refusal{http.StatusInternalServerError, "InternalError", "", "The emulator could not do that: " + err.Error()}
		}
		status = e.status
		detail := map[string]string{"code": e.code, "message": e.message}
		if e.field != "" {
			detail["field"] = e.field
		}
		body = map[string]any{"error": detail}
	}
	w.Header().Set("Cache-Control", "no-store")
	if body == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		c.logger.DebugContext(r.Context(), "control's answer not delivered", "path", r.URL.Path, "error", err)
	}
}

// read decodes a JSON body strictly: an unknown property is more likely a slip than a wish.
func read(r *http.Request, into any) error {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return &refusal{http.StatusRequestEntityTooLarge, "BodyTooLarge", "", fmt.Sprintf("The body could not be read, or is over %d MiB.", maxBody>>20)}
	}
	return decode(raw, into, "")
}

func decode(raw []byte, into any, field string) error {
	in := json.NewDecoder(strings.NewReader(string(raw)))
	in.DisallowUnknownFields()
	err := in.Decode(into)
	if err == nil {
		if _, more := in.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more after the JSON value")
		}
	}
	if err == nil {
		return nil
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		field = join(field, strings.NewReplacer("Rule.", "", "flatAnswer.", "").Replace(wrong.Field))
	} else if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		field = join(field, strings.Trim(name, `"`))
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the body is empty")
	}
	return &refusal{http.StatusBadRequest, "InvalidJSON", field, "The body is not what this control takes: " + strings.TrimPrefix(err.Error(), "json: ") + "."}
}

func join(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}
