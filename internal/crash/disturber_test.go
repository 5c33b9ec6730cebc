//go:build unix

package crash

import (
	"context"
	"errors"
	"net/http"
)

// recorder notes the points of an undisturbed run.
type recorder struct{ points []point }

func (o *recorder) remote(_ *world, p point, r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	o.note(p)
	return send(r)
}

func (o *recorder) commit(_ *world, p point, commit func() error) error {
	o.note(p)
	return commit()
}

func (o *recorder) note(p point) {
	after := p
	after.after = true
	o.points = append(o.points, p, after)
}

// disturber lets a misfortune happen at a point, once, and looks after every change whether the account still works.
type disturber struct {
	kind  kind
	what  misfortune
	at    point
	world *world

	struck  bool
	full    int
	later   func() error // a request that is executed late
	failure error        // of the disturbance itself
	gap     string       // the first moment at which the account did not work; empty: none
	excused []map[string]string
}

// remote is the observer's.
func (d *disturber) remote(w *world, p point, r *http.Request, send func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	d.world = w
	later := d.later
	resp, err := d.call(p, r, send)
	if later != nil {
		d.later = nil
		d.failed(later())
	}
	if p.write() {
		d.look(p)
	}
	return resp, err
}

func (d *disturber) call(p point, r *http.Request, send sender) (*http.Response, error) {
	after := p
	after.after = true
	if d.what.call != nil {
		if (d.at == p || d.at == after) && !d.struck {
			d.struck = true
			return d.what.call(d, r, send)
		}
		return send(r)
	}
	d.moment(p)
	resp, err := send(r)
	d.moment(after)
	return resp, err
}

// commit is the observer's.
func (d *disturber) commit(w *world, p point, commit func() error) error {
	d.world = w
	after := p
	after.after = true
	if d.what.full > 0 && d.at == p && !d.struck {
		d.struck, d.full = true, d.what.full
	}
	if d.full > 0 {
		d.full--
		err := withoutRoom(commit)
		if err == nil {
			d.failed(errors.New("the disk was not full"))
		}
		return err
	}
	d.moment(p)
	err := commit()
	d.moment(after)
	d.look(after)
	return err
}

func (d *disturber) moment(p point) {
	if d.struck || d.at != p || d.what.moment == nil {
		return
	}
	d.struck = true
	before, err := d.world.cloud.State()
	d.failed(err)
	d.failed(d.what.moment(d.world, d.kind))
	after, err := d.world.cloud.State()
	d.failed(err)
	d.excused = []map[string]string{before, after}
}

func (d *disturber) failed(err error) {
	if d.failure == nil {
		d.failure = err
	}
}

// look notes if the current credential is not on its application any more.
func (d *disturber) look(p point) {
	if d.gap != "" || d.kind.lost || d.kind.gone || d.what.app {
		return
	}
	a, err := d.world.account(context.Background())
	if err != nil || a == nil {
		d.failed(err)
		return
	}
	if why := d.world.missing(a); why != "" {
		d.gap = p.String() + ": " + why
	}
}
