package resource

import (
	"encoding/json"
	"errors"

	"github.com/danielgtaylor/huma/v2"
)

// SignInRef names the sign-in that an operation is to use: the id of one that was made before, or true for one of the
// operation's own, also where it could do without. In JSON it is a string or a boolean.
type SignInRef struct {
	ID   string
	Wish bool // one of its own
}

// MarshalJSON writes the id, or whether one is wished.
func (s SignInRef) MarshalJSON() ([]byte, error) {
	if s.ID != "" {
		return json.Marshal(s.ID)
	}
	return json.Marshal(s.Wish)
}

// UnmarshalJSON reads either form.
func (s *SignInRef) UnmarshalJSON(raw []byte) error {
	*s = SignInRef{}
	if json.Unmarshal(raw, &s.Wish) == nil || json.Unmarshal(raw, &s.ID) == nil {
		return nil
	}
	return errors.New("a sign-in is named by its id, or asked for by true")
}

// IsZero reports whether nothing is asked for.
func (s SignInRef) IsZero() bool { return s == SignInRef{} }

// Schema describes both forms.
func (SignInRef) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Description: "Id of a sign-in that was made before; or true, to let a person sign in for this operation",
		OneOf:       []*huma.Schema{{Type: huma.TypeBoolean}, {Type: huma.TypeString}},
	}
}
