package arm

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/evercred/evercred/emulator/internal/directory"
)

const (
	readGroup   = "Microsoft.Resources/subscriptions/resourceGroups/read"
	writeGroup  = "Microsoft.Resources/subscriptions/resourceGroups/write"
	deleteGroup = "Microsoft.Resources/subscriptions/resourceGroups/delete"
)

// regions are where a resource group can be (recorded 2024-10).
func regions() []string {
	return strings.Fields(`centralus eastasia southeastasia eastus eastus2 westus westus2 northcentralus southcentralus
		westcentralus northeurope westeurope japaneast japanwest brazilsouth australiasoutheast australiaeast westindia
		southindia centralindia canadacentral canadaeast uksouth ukwest koreacentral koreasouth francecentral
		southafricanorth uaenorth australiacentral switzerlandnorth germanywestcentral norwayeast jioindiawest westus3
		australiacentral2`)
}

func groupKey(subscription, name string) string { return strings.ToLower(subscription + "/" + name) }

type resourceGroup struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   string            `json:"location"`
	Properties map[string]string `json:"properties"`
}

// describeGroup writes resourceGroups with a capital G and the stored name, whatever the request wrote (recorded
// 2025-02, 2026-04).
func describeGroup(subscription string, g *directory.ResourceGroup) resourceGroup {
	return resourceGroup{
		ID: "/subscriptions/" + subscription + "/resourceGroups/" + g.Name, Name: g.Name, Type: "Microsoft.Resources/resourceGroups",
		Location: g.Location, Properties: map[string]string{"provisioningState": "Succeeded"},
	}
}

// resourceGroups lists those that the caller may read, and to have none is no error.
func (c *call) resourceGroups(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.sees(s) {
		return nil, c.authorizationFailed(readGroup, s.String())
	}
	var found []resourceGroup
	for _, g := range c.Directory.ResourceGroups.AllSeen() {
		if !strings.EqualFold(g.Subscription, s.subscription) {
			continue
		}
		of := scope{path: s.path + "/resourceGroups/" + g.Name, subscription: s.subscription, group: g.Name}
		if c.may(readGroup, of) {
			found = append(found, describeGroup(s.subscription, g))
		}
	}
	return list(found)
}

// resourceGroup is 204 without a body for HEAD (recorded 2023 to 2026).
func (c *call) resourceGroup(s scope) (*answer, error) {
	if err := c.enter(s, readGroup, s.String()); err != nil {
		return nil, err
	}
	if c.request.Method == http.MethodHead {
		return &answer{status: http.StatusNoContent}, nil
	}
	g, _ := c.Directory.ResourceGroups.Seen(groupKey(s.subscription, s.group))
	return ok(describeGroup(s.subscription, g))
}

var groupName = regexp.MustCompile(`^[\pL\pN_().-]{0,89}[\pL\pN_()-]$`)

func (c *call) putResourceGroup(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.may(writeGroup, s) {
		return nil, c.authorizationFailed(writeGroup, s.String())
	}
	if !groupName.MatchString(s.group) {
		return nil, gateway(http.StatusBadRequest, "InvalidResourceGroup",
			"The provided resource group name '%s' is not valid. It can have up to 90 letters, digits, '-', '.', '(', ')' and '_', and cannot end in a '.'.", s.group)
	}
	var in struct {
		Location *string `json:"location"`
	}
	if err := json.Unmarshal(c.body, &in); err != nil {
		return nil, gateway(http.StatusBadRequest, "InvalidRequestContent", "The request content was invalid and could not be deserialized: '%s'.", err)
	}
	if in.Location == nil || *in.Location == "" {
		return nil, gateway(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	}
	location := strings.ToLower(strings.ReplaceAll(*in.Location, " ", ""))
	if !slices.Contains(regions(), location) {
		return nil, gateway(http.StatusBadRequest, "LocationNotAvailableForResourceGroup",
			"The provided location '%s' is not available for resource group. List of available regions is '%s'.", *in.Location, strings.Join(regions(), ","))
	}
	key := groupKey(s.subscription, s.group)
	if have, found := c.Directory.ResourceGroups.Get(key); found {
		if have.Location != location {
			return nil, gateway(http.StatusConflict, "InvalidResourceGroupLocation",
				"Invalid resource group location '%s'. The Resource group already exists in location '%s'.", *in.Location, have.Location)
		}
		return ok(describeGroup(s.subscription, have))
	}
	g := &directory.ResourceGroup{Subscription: strings.ToLower(s.subscription), Name: s.group, Location: location}
	c.Directory.ResourceGroups.Put(key, g)
	return &answer{status: http.StatusCreated, body: describeGroup(s.subscription, g)}, nil
}

// deleteResourceGroup removes the group and the role assignments on it and below. It is done at once, but answered as
// the long operation that it is in Azure.
func (c *call) deleteResourceGroup(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.may(deleteGroup, s) {
		return nil, c.authorizationFailed(deleteGroup, s.String())
	}
	key := groupKey(s.subscription, s.group)
	if _, found := c.Directory.ResourceGroups.Get(key); !found {
		return nil, resourceGroupNotFound(s.group)
	}
	c.Directory.ResourceGroups.Delete(key)
	for id, a := range c.Directory.RoleAssignments.All() {
		if at := keyOf(a.Scope); at == s.key() || s.below(at) {
			c.Directory.RoleAssignments.Delete(id)
		}
	}
	return &answer{
		status:   http.StatusAccepted,
		location: c.BaseURL(c.request) + "/subscriptions/" + s.subscription + "/operationresults/" + uuid.NewString() + "?api-version=" + string(c.version),
	}, nil
}
