package entra

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

// The flows that a rule of Conditional Access can name.
const (
	flowDevice  = "device_code"
	flowCode    = "authorization_code"
	flowRefresh = "refresh_token"
)

// refusalText is what Entra says with a code of Conditional Access or of a person's account. {resource} is the client id of
// the resource. more: the person can meet it in an interactive sign-in, and the answer says what to ask for (Microsoft
// Entra, authentication and authorization error codes; answers seen from 2018 to 2025).
type refusalText struct {
	text string
	more bool
}

func refusalTexts() map[int]refusalText {
	const moved = "Due to a configuration change made by your administrator, or because you moved to a new location, you must "
	return map[int]refusalText{
		50005:  {"User tried to log in to a device from a platform (Unknown) that's currently not supported through Conditional Access policy. Supported device platforms are: iOS, Android, Mac, and Windows flavors.", false},
		50055:  {"The password is expired.", false},
		50057:  {"The user account is disabled.", false},
		50072:  {moved + "enroll in multi-factor authentication to access '{resource}'.", true},
		50074:  {"Strong Authentication is required.", true},
		50076:  {moved + "use multi-factor authentication to access '{resource}'.", true},
		50078:  {"Presented multi-factor authentication has expired due to policies configured by your administrator, you must refresh your multi-factor authentication to access '{resource}'.", true},
		50079:  {moved + "enroll in multi-factor authentication to access '{resource}'.", true},
		50097:  {"Device authentication is required.", false},
		50105:  {"Your administrator has configured the application to block users unless they are specifically granted ('assigned') access to the application.", false},
		50131:  {"Device is not in required device state. Or, the request was blocked due to suspicious activity, access policy, or security policy decisions.", false},
		50158:  {"External security challenge not satisfied. User will be redirected to another page or authentication provider to satisfy additional authentication challenges.", true},
		53000:  {"Device is not in required device state: unregistered. Conditional Access policy requires a compliant device, and the device is not compliant. The user must enroll their device with an approved MDM provider like Intune.", false},
		53001:  {"Device is not in required device state: unregistered. Conditional Access policy requires a domain joined device, and the device is not domain joined.", false},
		53002:  {"The application used is not an approved application for Conditional Access. User needs to use one of the apps from the list of approved applications to use in order to get access.", false},
		53003:  {"Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.", false},
		53004:  {"User needs to complete Multi-factor authentication registration process before accessing this content. User should register for multi-factor authentication.", false},
		53011:  {"User blocked due to risk on home tenant.", false},
		530032: {"User blocked due to a security policy that the tenant's administrator has configured.", false},
		530034: {"A delegated administrator was blocked from accessing the tenant due to account risk in their home tenant.", false},
		530035: {"Access has been blocked by security defaults. This is due to the request using legacy auth or being deemed unsafe by security defaults policies.", false},
		65001:  {"The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource.", true},
		70043:  {"The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.", true},
	}
}

// asksMore says whether the person met a rule in signing in: one that can be met and is not tied to a flow.
func asksMore(u *directory.User, t target) bool {
	texts := refusalTexts()
	return slices.ContainsFunc(u.AccessRules, func(r directory.AccessRule) bool {
		return r.Flow == "" && texts[r.Code].more && concerns(r, t)
	})
}

func concerns(r directory.AccessRule, t target) bool {
	return r.Resource == "" || strings.EqualFold(r.Resource, t.appID)
}

// access says what Conditional Access refuses. It keeps to a grant that came from the device code flow for its whole life
// (Microsoft Entra Conditional Access, authentication flows: protocol tracking).
func (x *exchanged) access(g grant, t target) *failure {
	if g.device && g.user.DeviceCodeBlocked {
		return blocked()
	}
	for _, r := range g.user.AccessRules {
		tracked := g.device && r.Flow == flowDevice && !refusalTexts()[r.Code].more
		if !concerns(r, t) || r.Flow != "" && r.Flow != g.flow && !tracked {
			continue
		}
		if refusalTexts()[r.Code].more && g.stronger {
			continue
		}
		return x.refusedAccess(r, t)
	}
	return nil
}

func (x *exchanged) refusedAccess(r directory.AccessRule, t target) *failure {
	known := refusalTexts()[r.Code]
	f := fail(invalidGrant, r.Code, "%s", strings.ReplaceAll(known.text, "{resource}", t.appID))
	switch {
	case r.Code == 70043:
		f.Sub = "bad_token"
	case r.Code == 65001:
		f.Sub = "consent_required"
	case known.more:
		f.Sub = "basic_action"
		f.Claims = fmt.Sprintf(`{"access_token":{"capolids":{"essential":true,"values":[%q]}}}`, uuid.NewSHA1(uuid.Nil, []byte(fmt.Sprint(r))))
		if x.v1 {
			f.OAuth = "interaction_required"
		}
	}
	return f
}

// answersChallenge says whether a claims parameter hands back what a refusal asked for.
func answersChallenge(claims string) bool {
	var asked struct {
		AccessToken struct {
			Policies json.RawMessage `json:"capolids"`
			Class    json.RawMessage `json:"acrs"`
		} `json:"access_token"`
	}
	return json.Unmarshal([]byte(claims), &asked) == nil && (asked.AccessToken.Policies != nil || asked.AccessToken.Class != nil)
}

// ErrUnknownRule is the refusal of a rule that no flow would meet.
var ErrUnknownRule = errors.New("a rule of Conditional Access needs a code that the emulator has a text for, and a flow that is device_code, authorization_code, refresh_token or empty")

// RefusalCodes are the AADSTS codes that a rule may have, in order.
func RefusalCodes() []int {
	var codes []int
	for code := range refusalTexts() {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// SetAccessRules replaces what Conditional Access refuses a person, named by user principal name or object id. Without
// rules it refuses nothing but, for a person who is so from the start, the device code flow. Errors: ErrUnknownUser,
// ErrUnknownRule.
//
// A rule that can be met (multifactor authentication, say) and names no flow is met by signing in; it refuses only refresh
// tokens that are older. One that names a flow refuses there, until the request hands back the claims of the refusal.
func (s *Service) SetAccessRules(user string, rules []directory.AccessRule) error {
	texts := refusalTexts()
	for _, r := range rules {
		if _, ok := texts[r.Code]; !ok || !slices.Contains([]string{"", flowDevice, flowCode, flowRefresh}, r.Flow) {
			return ErrUnknownRule
		}
	}
	return s.changeUser(user, func(u *directory.User) { u.AccessRules = slices.Clone(rules) })
}

// RevokeSessions makes the refresh tokens that a person has given invalid (AADSTS50173). Errors: ErrUnknownUser.
func (s *Service) RevokeSessions(user string) error {
	return s.changeUser(user, func(u *directory.User) {
		now := s.directory.Now()
		u.ValidFrom = &now
	})
}

func (s *Service) changeUser(user string, change func(*directory.User)) error {
	return s.directory.Write(func() error {
		u := s.userNamed(user)
		if u == nil {
			return ErrUnknownUser
		}
		next := *u
		change(&next)
		s.directory.Users.Put(u.ID, &next)
		return nil
	})
}

// userRealm tells a client how a person would sign in; clients ask before they send a password (recorded 2021-01).
func (x *exchanged) userRealm(user string) (any, *failure) {
	c, _ := x.cloud()
	kind := "Unknown"
	_, domain, _ := strings.Cut(user, "@")
	if strings.EqualFold(domain, x.tenant.Domain) && domain != "" {
		kind = "Managed"
	}
	x.w.Header().Set("Cache-Control", "no-store, no-cache")
	return struct {
		Version  string `json:"ver"`
		Kind     string `json:"account_type"`
		Domain   string `json:"domain_name"`
		Instance string `json:"cloud_instance_name"`
		Audience string `json:"cloud_audience_urn"`
	}{"1.0", kind, shorten(domain), c.Instance, "urn:federation:MicrosoftOnline"}, nil
}

// password refuses the resource owner's password: the people of the emulator have none, and no password is ever right.
func (x *exchanged) password(segment string) (any, *failure) {
	if segment == common || segment == consumers {
		return nil, grantNeedsTenant(segment)
	}
	c, fail := x.client()
	if fail != nil {
		return nil, fail
	}
	a, fail := x.asked()
	if fail != nil {
		return nil, fail
	}
	if fail := x.required("username", "password"); fail != nil {
		return nil, fail
	}
	if _, fail := x.authenticate(c); fail != nil {
		return nil, fail
	}
	if _, fail := x.userTarget(&a); fail != nil {
		return nil, fail
	}
	var user *directory.User
	x.directory.Read(func() { user = x.userNamed(x.form.Get("username")) })
	switch {
	case user == nil:
		return nil, userNotFound(x.tenant.DisplayName)
	case user.Disabled:
		return nil, userDisabled()
	}
	return nil, wrongPassword()
}

// signOut ends nothing, since the pages keep no session; it shows what Entra shows at the end.
func (x *exchanged) signOut() {
	x.servePageOf(view{
		Step: "done", Title: "You signed out of your account", Text: "It's a good idea to close all browser windows.", status: http.StatusOK,
	}, "")
}
