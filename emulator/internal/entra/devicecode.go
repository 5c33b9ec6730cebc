package entra

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/exchange"
)

// What can be wrong with the answer of a person, or of a test in their place.
var (
	ErrUnknownCode = errors.New("no sign-in is waiting for this code")
	ErrCodeExpired = errors.New("the code has expired: codes are good for 15 minutes")
	ErrCodeUsed    = errors.New("the code has been used already")
	ErrUnknownUser = errors.New("the tenant has no such user")
)

const (
	statusPending  = "pending"
	statusApproved = "approved"
	statusDenied   = "denied"
	statusRedeemed = "redeemed"

	codeLife     = 900 // seconds
	pollInterval = 5   // seconds, where nothing else is configured

	// codeLetters has none of the characters that are taken for another one.
	codeLetters = "ACDEFGHJKLMNPQRTUVWXY34679"
	codeLength  = 9
)

type deviceAnswer struct {
	UserCode   string `json:"user_code"`
	DeviceCode string `json:"device_code"`
	URI        string `json:"verification_uri"`
	ExpiresIn  int    `json:"expires_in"`
	Interval   int    `json:"interval"`
	Message    string `json:"message"`
}

// deviceAnswerV1 has another name for the address, and numbers as texts.
type deviceAnswerV1 struct {
	UserCode   string `json:"user_code"`
	DeviceCode string `json:"device_code"`
	URL        string `json:"verification_url"`
	ExpiresIn  string `json:"expires_in"`
	Interval   string `json:"interval"`
	Message    string `json:"message"`
}

// deviceCode starts a device authorization.
func (x *exchanged) deviceCode() (any, *failure) {
	segment, fail := x.segment()
	if fail != nil {
		return nil, fail
	}
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	exchange.SetCaller(x.r.Context(), c.id)
	a, fail := x.asked()
	if fail != nil {
		return nil, fail
	}
	scope := x.form.Get("scope")
	if x.v1 {
		scope = a.resource + dotDefault + " openid offline_access"
	}
	if _, fail = x.userTarget(&a); fail != nil {
		return nil, fail
	}
	device, key := newSecret()
	user, err := x.putCode(key, directory.DeviceCode{
		ClientID: c.id, Tenant: segment, Scope: scope, Expires: x.now.Add(codeLife * time.Second), Status: statusPending,
		Stronger: answersChallenge(x.form.Get("claims")),
	})
	if err != nil {
		return nil, x.writeFailure(err)
	}
	page := x.deviceLoginURL(x.r)
	message := "To sign in, use a web browser to open the page " + page + " and enter the code " + user + " to authenticate."
	if x.v1 {
		return deviceAnswerV1{user, device, page, strconv.Itoa(codeLife), strconv.Itoa(x.pollInterval), message}, nil
	}
	return deviceAnswer{user, device, page, codeLife, x.pollInterval, message}, nil
}

// putCode stores the authorization under a user code that no other one has.
func (x *exchanged) putCode(key string, d directory.DeviceCode) (string, error) {
	err := x.directory.Write(func() error {
		x.sweep(x.now)
		for taken := true; taken; {
			d.UserCode = newUserCode()
			_, taken = x.directory.DeviceCodes.Find(d.UserCode)
		}
		x.directory.DeviceCodes.Put(key, &d)
		return nil
	})
	return d.UserCode, err
}

// Approve signs a user in with the code that a client shows, as the user does on the page. Letter case, blanks and
// dashes in the code do not matter; the user is named by user principal name or object id. Errors: ErrUnknownCode,
// ErrCodeExpired, ErrCodeUsed, ErrUnknownUser. Approving twice for the same user is no error as long as the client has
// not fetched its token.
func (s *Service) Approve(userCode, user string) error {
	return s.directory.Write(func() error {
		u := s.userNamed(user)
		if u == nil {
			return ErrUnknownUser
		}
		return s.decide(userCode, statusApproved, u.ID)
	})
}

// Deny refuses the sign-in, as the user does by Cancel on the page. Errors: ErrUnknownCode, ErrCodeExpired, ErrCodeUsed.
func (s *Service) Deny(userCode string) error {
	return s.directory.Write(func() error { return s.decide(userCode, statusDenied, "") })
}

// decide notes the answer of the person. Only inside Directory.Write.
func (s *Service) decide(userCode, status, userID string) error {
	key, d := s.code(userCode)
	if d != nil && d.Status == status && d.UserID == userID {
		return nil
	}
	if err := waiting(d, s.directory.Now()); err != nil {
		return err
	}
	decided := *d
	decided.Status, decided.UserID = status, userID
	s.directory.DeviceCodes.Put(key, &decided)
	return nil
}

// userNamed finds a person by user principal name or object id. Only inside Directory.Read and Write.
func (s *Service) userNamed(name string) *directory.User {
	name = strings.ToLower(strings.TrimSpace(name))
	if u, ok := s.directory.Users.Find(name); ok {
		return u
	}
	u, _ := s.directory.Users.Get(name)
	return u
}

// waiting says why a code cannot be answered; nil if it can.
func waiting(d *directory.DeviceCode, now time.Time) error {
	switch {
	case d == nil:
		return ErrUnknownCode
	case d.Status != statusPending:
		return ErrCodeUsed
	case !now.Before(d.Expires):
		return ErrCodeExpired
	}
	return nil
}

// code finds an authorization and its key by what a person typed. Only inside Directory.Read and Write.
func (s *Service) code(typed string) (string, *directory.DeviceCode) {
	for key, d := range s.directory.DeviceCodes.Each(normalize(typed)) {
		return key, d
	}
	return "", nil
}

func normalize(userCode string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, userCode)
}

func newUserCode() string {
	var b strings.Builder
	for one := make([]byte, 1); b.Len() < codeLength; {
		_, _ = rand.Read(one) // never fails (crypto/rand)
		// Whole multiples only, so that no character is likelier than another.
		if n := int(one[0]); n < 256/len(codeLetters)*len(codeLetters) {
			b.WriteByte(codeLetters[n%len(codeLetters)])
		}
	}
	return b.String()
}

// newSecret makes a device code or a refresh token, and the hash that is kept of it.
func newSecret() (text, hash string) {
	raw := make([]byte, 96)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	text = "1." + base64.RawURLEncoding.EncodeToString(raw)
	return text, directory.HashSecret(text)
}
