package arm

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Regions with their coordinates and pairs (recorded 2023-09, 2025-01; "Azure regions").
//
//go:embed locations.json
var locationData []byte

type location struct {
	ID                  string           `json:"id"`
	Name                string           `json:"name"`
	Type                string           `json:"type,omitempty"`
	DisplayName         string           `json:"displayName"`
	RegionalDisplayName string           `json:"regionalDisplayName"`
	Metadata            locationMetadata `json:"metadata"`
	Zones               []zone           `json:"availabilityZoneMappings,omitempty"`
}

type locationMetadata struct {
	RegionType       string       `json:"regionType"`
	RegionCategory   string       `json:"regionCategory"`
	Geography        string       `json:"geography,omitempty"`
	GeographyGroup   string       `json:"geographyGroup"`
	Longitude        string       `json:"longitude"`
	Latitude         string       `json:"latitude"`
	PhysicalLocation string       `json:"physicalLocation"`
	PairedRegion     []pairedWith `json:"pairedRegion"`
}

type pairedWith struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}

type zone struct {
	Logical  string `json:"logicalZone"`
	Physical string `json:"physicalZone"`
}

// region is one line of locations.json.
type region struct {
	Name, Display, Geography, Group, Category, Place, Longitude, Latitude, Pair string
	Zones                                                                       bool
}

func readRegions() []region {
	var list []region
	if err := json.Unmarshal(locationData, &list); err != nil {
		panic(fmt.Errorf("reading the regions: %w", err)) // the file is part of the program
	}
	return list
}

// regions are where a resource group can be (recorded 2024-10).
func (s *service) regions() []string {
	var names []string
	for _, r := range s.places {
		names = append(names, r.Name)
	}
	return names
}

// locations lists the regions for a subscription: geography and zones since 2022-12-01, type since 2019-11-01, pairs and
// coordinates as the newest recordings have them.
func (c *call) locations(s scope) (*answer, error) {
	if err := c.known(s); err != nil {
		return nil, err
	}
	if !c.sees(s) {
		return nil, c.authorizationFailed("Microsoft.Resources/subscriptions/locations/read", s.String())
	}
	var found []location
	prefix := "/subscriptions/" + s.subscription + "/locations/"
	for _, r := range c.places {
		l := location{
			ID: prefix + r.Name, Name: r.Name, DisplayName: r.Display, RegionalDisplayName: "(" + r.Group + ") " + r.Display,
			Metadata: locationMetadata{
				RegionType: "Physical", RegionCategory: r.Category, GeographyGroup: r.Group,
				Longitude: r.Longitude, Latitude: r.Latitude, PhysicalLocation: r.Place, PairedRegion: []pairedWith{},
			},
		}
		if r.Pair != "" {
			l.Metadata.PairedRegion = append(l.Metadata.PairedRegion, pairedWith{r.Pair, prefix + r.Pair})
		}
		if c.version.since("2020-01-01") {
			l.Type = "Region"
		}
		if c.version.since("2022-12-01") {
			l.Metadata.Geography = r.Geography
			for n := 1; r.Zones && n <= 3; n++ {
				l.Zones = append(l.Zones, zone{fmt.Sprint(n), fmt.Sprintf("%s-az%d", r.Name, n)})
			}
		}
		found = append(found, l)
	}
	return list(found)
}
