package graph

import (
	"errors"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// missing says whether a PATCH that names an object by an alternate key found none and is to create it
// (Microsoft Graph, upsert application and upsert servicePrincipal: Prefer: create-if-missing).
func (c *call) missing(k objectKey, err error) bool {
	var p *odata.Problem
	return k.property != "id" && c.createsIfMissing() && errors.As(err, &p) && p.Code == "Request_ResourceNotFound"
}
