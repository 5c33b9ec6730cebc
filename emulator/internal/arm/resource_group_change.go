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

var groupName = regexp.MustCompile(`^[\pL\pN_().-]{0,89}[\pL\pN_()-]$`)

type resourceGroupBody struct {
	Location  *string           `json:"location"`
	Tags      map[string]string `json:"tags"`
	ManagedBy string            `json:"managedBy"`
}

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
	var in resourceGroupBody
	if err := json.Unmarshal(c.body, &in); err != nil {
		return nil, invalidContent(err)
	}
	if in.Location == nil || *in.Location == "" {
		return nil, gateway(http.StatusBadRequest, "LocationRequired", "The location property is required for this definition.")
	}
	location := strings.ToLower(strings.ReplaceAll(*in.Location, " ", ""))
	if !slices.Contains(c.regions(), location) {
		return nil, gateway(http.StatusBadRequest, "LocationNotAvailableForResourceGroup",
			"The provided location '%s' is not available for resource group. List of available regions is '%s'.", *in.Location, strings.Join(c.regions(), ","))
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	key := groupKey(s.subscription, s.group)
	have, found := c.Directory.ResourceGroups.Get(key)
	if found && have.Location != location {
		return nil, gateway(http.StatusConflict, "InvalidResourceGroupLocation",
			"Invalid resource group location '%s'. The Resource group already exists in location '%s'.", *in.Location, have.Location)
	}
	g := &directory.ResourceGroup{Subscription: strings.ToLower(s.subscription), Name: s.group, Location: location, Tags: in.Tags, ManagedBy: in.ManagedBy}
	status := http.StatusCreated
	if found {
		g.Name, status = have.Name, http.StatusOK
	}
	c.Directory.ResourceGroups.Put(key, g)
	return &answer{status: status, body: describeGroup(s.subscription, g)}, nil
}

// patchResourceGroup changes the tags: those given take the place of all (recorded 2024-10).
func (c *call) patchResourceGroup(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.may(writeGroup, s) {
		return nil, c.authorizationFailed(writeGroup, s.String())
	}
	have, found := c.Directory.ResourceGroups.Get(groupKey(s.subscription, s.group))
	if !found {
		return nil, resourceGroupNotFound(s.group)
	}
	var in resourceGroupBody
	if err := json.Unmarshal(c.body, &in); err != nil {
		return nil, invalidContent(err)
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	next := *have
	if in.Tags != nil {
		next.Tags = in.Tags
	}
	c.Directory.ResourceGroups.Put(groupKey(s.subscription, s.group), &next)
	return ok(describeGroup(s.subscription, &next))
}

// checkTags holds to the limits of tags (Azure Resource Manager, use tags: 50 of them, names to 512 characters without
// <>%&\?/, values to 256).
func checkTags(tags map[string]string) error {
	if len(tags) > 50 {
		return gateway(http.StatusBadRequest, "InvalidTagsCount", "The number of tags exceeds the maximum of 50.")
	}
	for name, value := range tags {
		if name == "" || len([]rune(name)) > 512 || strings.ContainsAny(name, `<>%&\?/`) {
			return gateway(http.StatusBadRequest, "InvalidTagNameCharacters",
				`The tag name '%s' is not valid. It can have up to 512 characters, and none of '<,>,%%,&,\,?,/'.`, name)
		}
		if len([]rune(value)) > 256 {
			return gateway(http.StatusBadRequest, "TagValueTooLong", "The value of the tag '%s' is too long. The maximum is 256 characters.", name)
		}
	}
	return nil
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
