package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/evercred/evercred/internal/api/resource"
	"github.com/evercred/evercred/internal/fault"
)

// Edit changes an account if its version is the given one, or if nothing that can be edited was changed since; 0 is for any.
func (c *Client) Edit(ctx context.Context, ref string, version int64, e resource.Edit) (*resource.Account, error) {
	match := "*"
	if version > 0 {
		match = strconv.Quote(strconv.FormatInt(version, 10))
	}
	return callWith[resource.Account](ctx, c, http.MethodPatch, accountPath(ref, ""), e, 0, http.Header{"If-Match": {match}})
}

// PreviewEdit shows what an edit would change.
func (c *Client) PreviewEdit(ctx context.Context, ref string, e resource.Edit) (*resource.EditPreview, error) {
	return call[resource.EditPreview](ctx, c, http.MethodPost, accountPath(ref, "/edit-preview"), e, 0)
}

// downloadFor bounds a download.
const downloadFor = 10 * time.Minute

// download copies an answer into w as it comes. A download that is cut short is an error, and w has the part that came.
func (c *Client) download(ctx context.Context, path string, w io.Writer) error {
	bounded, cancel := context.WithTimeout(ctx, downloadFor)
	defer cancel()
	req, err := http.NewRequestWithContext(bounded, http.MethodGet, c.base+path, nil)
	if err != nil {
		return fault.New(fault.Internal, "The request could not be made.").WithCause(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	res, err := c.http.Do(req)
	if err != nil {
		return c.unreachable(ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		if err != nil {
			return c.unreachable(ctx, err)
		}
		return c.problem(res, raw)
	}
	body := &source{Reader: res.Body}
	if _, err := io.Copy(w, body); err != nil {
		if body.err != nil && !errors.Is(body.err, io.EOF) {
			return c.unreachable(ctx, body.err)
		}
		return fmt.Errorf("writing the download: %w", err)
	}
	return nil
}

// source notes the error of the side that is read.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	s.err = err
	return n, err
}

// History reads a part of what happened to an account, newest first: what is older than the event with the id before, or the
// newest where that is 0.
func (c *Client) History(ctx context.Context, ref string, before int64, limit int) (*resource.History, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}, "before": {strconv.FormatInt(before, 10)}}
	return call[resource.History](ctx, c, http.MethodGet, accountPath(ref, "/history?"+q.Encode()), nil, 0)
}

// PreviewRemoval shows what the removal of an account would do.
func (c *Client) PreviewRemoval(ctx context.Context, ref string) (*resource.RemovalPreview, error) {
	return call[resource.RemovalPreview](ctx, c, http.MethodGet, accountPath(ref, "/removal"), nil, 0)
}
