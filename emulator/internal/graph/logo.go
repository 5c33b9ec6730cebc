package graph

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"

	"github.com/evercred/evercred/emulator/internal/graph/odata"
)

// maxLogo is the limit of an application's logo (Microsoft Graph, application: set logo).
const maxLogo = 100 << 10

// setLogo takes the image of an application. The image is not kept; info.logoUrl then names the address where the real
// service's network for static files would have it.
func (c *call) setLogo(key objectKey) (*answer, error) {
	switch strings.ToLower(c.request.Header.Get("Content-Type")) {
	case "image/png", "image/jpeg", "image/gif", "image/bmp":
	default:
		return nil, odata.Malformed("The content type of the logo must be image/png, image/jpeg, image/gif or image/bmp.")
	}
	image, err := odata.ReadBounded(c.request.Body)
	if err != nil {
		return nil, err
	}
	if len(image) == 0 || len(image) > maxLogo {
		return nil, odata.InvalidValue("logo", "Application")
	}
	return c.write(func() (*answer, error) {
		a, err := c.writableApplication(key)
		if err != nil {
			return nil, err
		}
		address := "https://secure.aadcdn.microsoftonline-p.com/" + a.AppID + "/appbranding/logo/1033/bannerlogo?ts=" + strconv.FormatInt(c.at.UnixNano(), 10)
		info, err := odata.Merge(stored(c.kinds.application, a.Properties, "info"), appendJSON(nil, entity{{"logoUrl", address}}))
		if err != nil {
			return nil, err
		}
		a.Properties = maps.Clone(a.Properties)
		if a.Properties == nil {
			a.Properties = map[string]json.RawMessage{}
		}
		a.Properties["info"] = info
		c.Directory.Applications.Put(a.ID, a)
		return noContent()
	})
}
