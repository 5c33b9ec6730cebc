package arm

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/evercred/evercred/internal/azure"
	"github.com/evercred/evercred/internal/fault"
)

// Error is an error answer of Resource Manager: Status, Code, Message, RequestID, RetryAfter (Azure Resource Manager,
// "common deployment errors"; Azure role-based access control, "troubleshoot").
type Error azure.Failure

func (e *Error) Error() string { return azure.Failure(*e).Text(service) }

// Transient reports whether the same request may work a moment later.
func (e *Error) Transient() bool { return azure.TransientStatus(e.Status) }

// Wait is RetryAfter, for package azure.
func (e *Error) Wait() time.Duration { return e.RetryAfter }

// Transient reports whether an error of a Client is worth trying again as it is. A write that got no answer is among
// them, though it may have been done.
func Transient(err error) bool { return azure.Transient(err) }

// RetryAfter returns how long Resource Manager asks to wait; 0 if not said.
func RetryAfter(err error) time.Duration { return azure.RetryAfter(err) }

// noRole is Resource Manager's code for a role definition that is not there.
const noRole = "RoleDefinitionDoesNotExist"

// IsNotFound reports whether Resource Manager answered that there is no such thing.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsUnauthorized reports whether Resource Manager did not take the token: one that ended on the way, where it was good a
// moment ago.
func IsUnauthorized(err error) bool { return hasStatus(err, http.StatusUnauthorized) }

// IsForbidden reports whether Resource Manager refused for want of rights. Nothing was changed. A role that was
// assigned minutes ago may not count yet.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

// IsPrincipalNotFound reports whether a service principal that was just made has not reached Resource Manager yet
// (recorded answers: 400 PrincipalNotFound).
func IsPrincipalNotFound(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Code == "PrincipalNotFound"
}

func hasStatus(err error, status int) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == status
}

// Explain says what an error of a Client means and what to do about it. nil stays nil.
func Explain(err error) *fault.Error { return azure.Explain(err, service) }

// Fault says what the answer means to people.
func (e *Error) Fault() *fault.Error {
	f := e.meaning()
	f.Source = azure.Failure(*e).Source()
	return f
}

func (e *Error) meaning() *fault.Error {
	fail := func(code fault.Code, field, message, meaning, remedy string) *fault.Error {
		return &fault.Error{Code: code, Field: field, Message: message, Meaning: meaning, Remedy: remedy}
	}
	switch e.Code {
	case "AuthorizationFailed", "LinkedAuthorizationFailed":
		return fail(fault.Permission, "", "The rights in Azure are not enough.",
			"Assigning roles needs the role Owner or User Access Administrator on the subscription; what Microsoft says names the action and the scope. A condition on the role can narrow it. Nothing was changed.",
			"Let somebody with Owner or User Access Administrator on the subscription sign in, or assign one of them. If the role is held through Privileged Identity Management, activate it first. A role that is new can take ten minutes to count.")
	case "PrincipalNotFound":
		return fail(fault.Azure, "", "Azure does not know the service principal yet.",
			"A new service principal takes up to some minutes to reach all of Microsoft's servers; if it was deleted, it never will.", "Try again in a few minutes.")
	case "InvalidPrincipalId":
		return fail(fault.Azure, "", "The id of the service principal is not valid.", "", "Check the application of the account.")
	case "NotFound":
		if strings.Contains(e.Message, "management group") {
			return fail(fault.Invalid, "management_group", "The management group was not found.",
				"Its id is mistyped, or it is in another tenant, or it was deleted. The id is not the display name.",
				"Compare the id with the management groups in the portal, and check the tenant.")
		}
	case "SubscriptionNotFound", "InvalidSubscriptionId":
		return fail(fault.Invalid, "subscriptions", "The subscription was not found.",
			"The subscription id is mistyped, or the subscription is in another tenant or cloud, or was deleted.",
			"Compare the id with the list of subscriptions in the portal, and check the tenant and the cloud.")
	case "InvalidAuthenticationTokenTenant":
		return fail(fault.Invalid, "tenant_id", "The subscription belongs to another tenant.",
			"The token is of the account's tenant, which is not the subscription's. A subscription that was moved takes up to an hour to be known in its new tenant.",
			"Check the tenant and the subscriptions of the account.")
	case noRole:
		return fail(fault.Invalid, "role_set", "The role does not exist.",
			"No role, built in or custom, has this name on the subscription.", "Compare the name with the subscription's roles in the portal (Access control, Roles).")
	case roleNameTaken:
		return fail(fault.Conflict, "", "Another role of the tenant has the name already.", "Azure allows a name once in a tenant. Nothing was changed.",
			"Rename or remove the other custom role in the portal (Access control, Roles), then try again.")
	case roleInUse:
		return fail(fault.Conflict, "", "The custom role is still assigned.", "Azure deletes a role only once nothing is assigned by it.",
			"Remove its assignments in the portal (Access control, Role assignments), then try again.")
	case "InvalidActionOrNotAction":
		return fail(fault.Azure, "", "Azure does not know one of the permissions of the role.",
			"The service that the permission belongs to may not be there in this cloud, or it was renamed. Nothing was changed.",
			"Leave the purpose that needs it out, or ask who maintains the permission profile.")
	case "RoleDefinitionLimitExceeded":
		return fail(fault.Refused, "", "The tenant has no room for another custom role.", "Azure allows 5,000 custom roles for each tenant. Nothing was changed.",
			"Remove custom roles that are no longer used.")
	case "RoleAssignmentLimitExceeded":
		return fail(fault.Refused, "", "The subscription has no room for another role assignment.", "Azure limits role assignments for each subscription.",
			"Remove role assignments that are no longer used, or assign roles to groups.")
	case "RoleAssignmentUpdateNotPermitted":
		return fail(fault.Conflict, "", "The role assignment exists for something else.", "Nothing was changed.", "Remove that role assignment in the portal, then try again.")
	case "ScopeLocked":
		return fail(fault.Refused, "", "A lock on the subscription forbids the change.", "Nothing was changed.", "Remove the lock, or ask who set it, then try again.")
	case "ReadOnlyDisabledSubscription", "SubscriptionNotEnabled", "DisabledSubscription":
		return fail(fault.Refused, "subscriptions", "The subscription is disabled.", "It can be read but not changed. Nothing was changed.",
			"Let its owner enable it again, or leave it out.")
	case "RequestDisallowedByPolicy":
		return fail(fault.Refused, "", "An Azure Policy forbids the change.", "Nothing was changed.", "Ask who owns the policy for an exception.")
	}
	return azure.Failure(*e).Fault(service)
}
