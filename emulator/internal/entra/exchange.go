package entra

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/cloud"
	"github.com/evercred/evercred/emulator/internal/directory"
)

// exchanged is one request to a protocol endpoint and what is known of it so far.
type exchanged struct {
	*Service
	w           http.ResponseWriter
	r           *http.Request
	v1          bool
	form        url.Values
	now         time.Time
	trace       string
	correlation string
	path        string            // the tenant as the path names it
	tenant      *directory.Tenant // the one directory, or another that its people are guests of
	other       *directory.OtherTenant
}

// Names in place of a tenant. adfs stands for the one tenant: MSAL and Azure CLI skip instance discovery for
// authorities that end in it.
const (
	common        = "common"
	organizations = "organizations"
	consumers     = "consumers" // personal accounts, of which there are none here
	adfs          = "adfs"
)

func (s *Service) newExchange(w http.ResponseWriter, r *http.Request, tenant string) *exchanged {
	x := &exchanged{Service: s, w: w, r: r, path: tenant, trace: uuid.NewString()} // s is a view
	// A correlation id of the client's own making is taken over only if it is a guid.
	if id, err := uuid.Parse(r.Header.Get("Client-Request-Id")); err == nil {
		x.correlation = id.String()
	} else {
		x.correlation = uuid.NewString()
	}
	s.directory.Read(func() {
		x.now = s.directory.Now()
		x.tenant, _ = s.directory.Tenants.Get(s.tenantID)
	})
	if x.tenant == nil {
		x.tenant = &directory.Tenant{ID: s.tenantID}
	}
	if x.other = x.tenant.Other(tenant); x.other != nil {
		x.tenant = &directory.Tenant{ID: x.other.ID, Domain: x.other.Domain, DisplayName: x.other.DisplayName, CountryCode: x.other.CountryCode}
	}
	return x
}

// segment is the tenant as links name it: its guid, or one of the names that stand for any tenant.
func (x *exchanged) segment() (string, *failure) {
	switch name := strings.ToLower(x.path); name {
	case common, organizations, consumers:
		return name, nil
	case adfs, strings.ToLower(x.tenant.ID), strings.ToLower(x.tenant.Domain):
		if name != "" {
			return x.tenant.ID, nil
		}
	}
	f := tenantNotFound(x.path)
	if x.r.Method == http.MethodPost {
		f.OAuth = invalidRequest // invalid_tenant is what discovery says (recorded 2020 to 2023)
	}
	return "", f
}

// read answers a discovery request.
func (x *exchanged) read(f func(*exchanged) (any, *failure)) {
	if x.r.Method != http.MethodGet && x.r.Method != http.MethodHead {
		x.w.Header().Set("Allow", "GET, HEAD")
		x.w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	h := x.w.Header()
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Methods", "GET, OPTIONS")
	body, fail := f(x)
	if fail == nil {
		h.Set("Cache-Control", "max-age=86400, private")
	}
	x.answer(body, fail)
}

// post answers a request with a form. A page of another origin may send one, too: an app that lives in the browser redeems
// its own codes.
func (x *exchanged) post(f func(*exchanged) (any, *failure)) {
	if x.r.Header.Get("Origin") != "" {
		x.w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	if x.r.Method == http.MethodOptions {
		x.w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		if asked := x.r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			x.w.Header().Set("Access-Control-Allow-Headers", asked)
		}
		x.w.WriteHeader(http.StatusOK)
		return
	}
	if x.r.Method != http.MethodPost {
		x.answer(nil, onlyPost(x.r.Method))
		return
	}
	var fail *failure
	if x.form, fail = readForm(x.w, x.r); fail != nil {
		x.answer(nil, fail)
		return
	}
	x.answer(f(x))
}

// answer writes the body or the failure, with the headers that recorded answers have.
func (x *exchanged) answer(body any, fail *failure) {
	status, code := http.StatusOK, 0
	if fail != nil {
		status, code, body = fail.status(), fail.Code, fail.body(x)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		x.logger.ErrorContext(x.r.Context(), "encoding an answer", "error", err)
		x.w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := x.w.Header()
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store, no-cache")
		h.Set("Pragma", "no-cache")
		h.Set("Expires", "-1")
	}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	// A browser would hold localhost to it on every port, and so break the loopback redirects of other programs.
	if _, service := x.cloud(); service != cloud.None || x.r.Header.Get("Sec-Fetch-Mode") == "" {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("P3P", `CP="DSP CUR OTPi IND OTRi ONL FIN"`)
	h.Set("X-Ms-Request-Id", x.trace)
	h.Set("X-Ms-Ests-Server", "2.1.0.0 - Evercred emulator")
	// Only clients that send MSAL's telemetry get its answer (seen with MSAL Python, 2021).
	if x.r.Header.Get("X-Client-Current-Telemetry") != "" {
		h.Set("X-Ms-Clitelem", fmt.Sprintf("1,%d,0,,", code))
	}
	if strings.EqualFold(x.r.Header.Get("Return-Client-Request-Id"), "true") {
		h.Set("Client-Request-Id", x.correlation)
	}
	for _, c := range []string{
		"fpc=" + x.trace + "; path=/; secure; HttpOnly; SameSite=None",
		"x-ms-gateway-slice=estsfd; path=/; secure; httponly",
		"stsservicecookie=estsfd; path=/; secure; httponly",
	} {
		h.Add("Set-Cookie", c)
	}
	x.w.WriteHeader(status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(raw) // the client has gone: nobody to tell
	}
}
