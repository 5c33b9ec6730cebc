package graph

import (
	"encoding/json"
	"net/http"

	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// defaultPolicy is the tenant's, as the primary or as a replica has it; never nil.
func (c *call) defaultPolicy(get func(string) (*directory.DefaultAppManagementPolicy, bool)) *directory.DefaultAppManagementPolicy {
	p := directory.DefaultAppManagementPolicy{}
	if stored, ok := get(c.TenantID); ok {
		p = *stored
	}
	if p.Applications == nil {
		p.Applications = json.RawMessage(noRestrictions)
	}
	if p.ServicePrincipals == nil {
		p.ServicePrincipals = json.RawMessage(noRestrictions)
	}
	return &p
}

func (c *call) getDefaultPolicy() (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(c.kinds.defaultPolicy) {
			return nil, odata.Forbidden()
		}
		p := c.defaultPolicy(c.Directory.DefaultPolicies.Seen)
		values := map[string]any{
			"id": defaultPolicyID, "displayName": defaultPolicyName, "description": defaultPolicyDescription, "isEnabled": p.Enabled,
			"applicationRestrictions": p.Applications, "servicePrincipalRestrictions": p.ServicePrincipals,
		}
		if p.DisplayName != nil {
			values["displayName"] = *p.DisplayName
		}
		if p.Description != nil {
			values["description"] = *p.Description
		}
		return c.single(view{c.kinds.defaultPolicy, defaultPolicyID, values})
	})
}

func (c *call) updateDefaultPolicy() (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		if !c.mayWritePolicies() {
			return nil, odata.Forbidden()
		}
		if err := sameID(values, defaultPolicyID); err != nil {
			return nil, err
		}
		p := c.defaultPolicy(c.Directory.DefaultPolicies.Get)
		r := &odata.Reader{Values: values, Resource: c.kinds.defaultPolicy.Name}
		r.Only(c.kinds.defaultPolicy.Type, "displayName", "description", "isEnabled", "applicationRestrictions", "servicePrincipalRestrictions")
		if text := r.Text("displayName"); text != nil {
			p.DisplayName = text
		}
		if text := r.Text("description"); text != nil {
			p.Description = text
		}
		r.Flag("isEnabled", &p.Enabled)
		readRestrictions(r, "applicationRestrictions", &p.Applications)
		readRestrictions(r, "servicePrincipalRestrictions", &p.ServicePrincipals)
		if r.Err != nil {
			return nil, r.Err
		}
		c.Directory.DefaultPolicies.Put(c.TenantID, p)
		return noContent()
	})
}

// getAuthorizationPolicy shows the tenant's rights of members, of which the emulator knows one: whether they may
// register applications (Microsoft Graph, authorizationPolicy).
func (c *call) getAuthorizationPolicy() (*answer, error) {
	return c.read(func() (*answer, error) {
		if !c.mayRead(c.kinds.authorization) {
			return nil, odata.Forbidden()
		}
		t, ok := c.Directory.Tenants.Get(c.TenantID)
		if !ok {
			return nil, odata.NotFound("authorizationPolicy")
		}
		return c.single(view{c.kinds.authorization, "authorizationPolicy", map[string]any{
			"id": "authorizationPolicy", "displayName": "Authorization Policy",
			"description":                               "Used to manage authorization related settings across the company.",
			"allowInvitesFrom":                          "everyone",
			"guestUserRoleId":                           "10dae51f-b6af-4016-8d66-8c2a99b929b3",
			"blockMsolPowerShell":                       false,
			"allowedToUseSSPR":                          true,
			"deletedDateTime":                           nil,
			"allowUserConsentForRiskyApps":              false,
			"allowedToSignUpEmailBasedSubscriptions":    true,
			"allowEmailVerifiedUsersToJoinOrganization": false,
			"defaultUserRolePermissions": entity{
				{"allowedToCreateApps", t.UsersRegister},
				{"allowedToCreateSecurityGroups", true},
				{"allowedToCreateTenants", true},
				{"allowedToReadBitlockerKeysForOwnedDevice", true},
				{"allowedToReadOtherUsers", true},
				{"permissionGrantPoliciesAssigned", []string{"ManagePermissionGrantsForSelf.microsoft-user-default-legacy"}},
			},
		}})
	})
}

// updateAuthorizationPolicy changes whether members may register applications; nothing else has an effect here.
func (c *call) updateAuthorizationPolicy() (*answer, error) {
	values, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.write(func() (*answer, error) {
		if !c.mayWriteAuthorization() {
			return nil, odata.Forbidden()
		}
		r := &odata.Reader{Values: values, Resource: c.kinds.authorization.Name}
		r.Only(c.kinds.authorization.Type, "defaultUserRolePermissions")
		t, ok := c.Directory.Tenants.Get(c.TenantID)
		if r.Err != nil || !ok {
			return nil, r.Err
		}
		clone := *t
		if !r.Absent("defaultUserRolePermissions") {
			permissions, err := odata.Object(values["defaultUserRolePermissions"])
			if err != nil {
				return nil, odata.InvalidValue("defaultUserRolePermissions", r.Resource)
			}
			inner := &odata.Reader{Values: permissions, Resource: "DefaultUserRolePermissions"}
			inner.Only("microsoft.graph.defaultUserRolePermissions", "allowedToCreateApps")
			if inner.Flag("allowedToCreateApps", &clone.UsersRegister); inner.Err != nil {
				return nil, inner.Err
			}
		}
		c.Directory.Tenants.Put(clone.ID, &clone)
		return &answer{status: http.StatusNoContent}, nil
	})
}
