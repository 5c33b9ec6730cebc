package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/renewal"
)

// withStatus is an error that has a status of HTTP of its own, and fields that its problem names.
type withStatus struct {
	error
	status int
	fields []resource.ProblemField
}

func (e *withStatus) Unwrap() error { return e.error }

// EditInput is an edit of the account in the path. It is exported as AccountPath is.
type EditInput struct {
	AccountPath
	RawBody []byte // tells null from what is left out
	Body    resource.Edit
}

type previewAnswerOfEdit struct{ Body resource.EditPreview }

func (s *server) editRoutes(doc huma.API) {
	tags := []string{"accounts"}
	handle(s, doc, huma.Operation{
		OperationID: "edit-account", Method: http.MethodPatch, Path: "/accounts/{account}", Tags: tags,
		Summary: "Change what Evercred knows and intends of an account; nothing is changed in Azure",
	}, func(ctx context.Context, by account.Caller, in *struct {
		EditInput
		IfMatch string `header:"If-Match" doc:"Required: the ETag of the account that the edit is meant for, or * for any"`
	},
	) (*accountAnswer, error) {
		version, err := versionOf(in.IfMatch)
		if err != nil {
			return nil, err
		}
		a, err := s.engine.Edit(ctx, by, in.Account, in.request(), version)
		if err != nil {
			return nil, explainEdit(err)
		}
		return s.account(ctx, by, a.ID)
	})
	handle(s, doc, huma.Operation{
		OperationID: "preview-edit", Method: http.MethodPost, Path: "/accounts/{account}/edit-preview", Tags: tags,
		Summary: "Show what an edit would change here, and what it asks for in Azure; nothing is stored",
	}, func(ctx context.Context, by account.Caller, in *EditInput) (*previewAnswerOfEdit, error) {
		p, err := s.engine.PreviewEdit(ctx, by, in.Account, in.request())
		if err != nil {
			return nil, err
		}
		out := resource.EditPreview{Changes: []resource.EditChange{}, Issues: []resource.EditIssue{}}
		for _, c := range p.Changes {
			out.Changes = append(out.Changes, resource.EditChange(c))
		}
		for _, i := range p.Issues {
			out.Issues = append(out.Issues, resource.EditIssue(i))
		}
		return &previewAnswerOfEdit{out}, nil
	})
}

// versionOf reads If-Match. An edit that does not say what it is an edit of would undo what others have done meanwhile.
func versionOf(header string) (int64, error) {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0, &withStatus{status: http.StatusPreconditionRequired, error: fault.BadField("if_match", "The request does not say which version of the account it changes.",
			`Read the account, and send its ETag in the header If-Match, e.g. If-Match: "7".`)}
	}
	if header == "*" {
		return renewal.AnyVersion, nil
	}
	version, err := strconv.ParseInt(strings.Trim(header, `"`), 10, 64)
	if err != nil || version < 1 {
		return 0, &withStatus{status: http.StatusPreconditionFailed, error: fault.BadField("if_match", "The header If-Match names no version of an account.",
			`Send the ETag of the account as it was read, e.g. If-Match: "7".`)}
	}
	return version, nil
}

// explainEdit gives the errors of an edit their status and their fields.
func explainEdit(err error) error {
	switch e := err.(type) { //nolint:errorlint // the engine returns them as they are
	case *renewal.Stale:
		out := &withStatus{error: err, status: http.StatusPreconditionFailed}
		for _, c := range e.Edits {
			at := whole(c.At)
			out.fields = append(out.fields, resource.ProblemField{
				Field: c.Field, Message: "Changed by " + c.By + " on " + account.Moment(c.At) + ".", ChangedBy: c.By, ChangedAt: &at,
			})
		}
		return out
	case *renewal.Flawed:
		out := &withStatus{error: err}
		for _, i := range e.Issues {
			out.fields = append(out.fields, resource.ProblemField{Field: i.Field, Message: i.Message, Remedy: i.Remedy})
		}
		return out
	}
	return err
}

// nulls are the members of an object that are null.
func nulls(raw []byte, member string) map[string]bool {
	var top map[string]json.RawMessage
	if json.Unmarshal(raw, &top) != nil { // huma has refused what is no object
		return nil
	}
	if member != "" {
		if json.Unmarshal(top[member], &top) != nil {
			return nil
		}
	}
	out := map[string]bool{}
	for name, value := range top {
		out[name] = bytes.Equal(value, []byte("null"))
	}
	return out
}

func (in *EditInput) request() renewal.EditRequest {
	b := &in.Body
	q := renewal.EditRequest{Name: b.Name, Description: b.Description, ManagementGroup: b.ManagementGroup, Profile: b.Profile}
	for _, l := range []struct {
		list []string
		into **[]string
	}{{b.UsedBy, &q.UsedBy}, {b.Subscriptions, &q.Subscriptions}, {b.Purposes, &q.Purposes}} {
		if l.list != nil {
			*l.into = &l.list
		}
	}
	empty, null := "", nulls(in.RawBody, "")
	for field, into := range map[string]**string{"description": &q.Description, "management_group": &q.ManagementGroup, "profile": &q.Profile} {
		if null[field] {
			*into = &empty
		}
	}
	if b.Policy != nil {
		in.policy(&q, nulls(in.RawBody, "policy"))
	}
	return q
}

// policy reads the part of an edit that concerns renewals. A duration that cannot be read is told with what else is wrong.
func (in *EditInput) policy(q *renewal.EditRequest, null map[string]bool) {
	p := in.Body.Policy
	q.Automatic = p.Automatic
	for _, d := range []struct {
		field  string
		text   *string
		normal time.Duration
		into   **time.Duration
	}{
		{"soak", p.Soak, account.DefaultSoak, &q.Soak},
		{"lifetime", p.Lifetime, account.DefaultLifetime, &q.Lifetime},
		{"renew_before", p.RenewBefore, account.DefaultRenewBefore, &q.RenewBefore},
	} {
		switch {
		case null[d.field]:
			*d.into = &d.normal
		case d.text != nil && *d.text == "":
			q.Unreadable = append(q.Unreadable, fault.BadField(d.field, "The duration is empty.", "Write it like 180d, 24h, 1d12h or 0s."))
		case d.text != nil:
			v, err := optionalDuration(d.field, *d.text)
			if err != nil {
				q.Unreadable = append(q.Unreadable, err)
			}
			*d.into = v
		}
	}
}
