package main

import "github.com/evercred/evercred/internal/api/resource"

// purpose has the flags that say what a new account is for.
type purpose struct {
	ManagementGroup string   `placeholder:"ID" help:"Management group that is the scope, in place of subscriptions."`
	Profile         string   `placeholder:"NAME" help:"Permission profile: what the account is for; see evercred permission profiles."`
	Purpose         []string `placeholder:"NAME" help:"Purpose of the profile; repeat it for several. All if left out."`
	UsedBy          []string `sep:"none" placeholder:"TEXT" help:"What stops when the account stops working; repeat it for several."`
}

func (f *purpose) fill(r *resource.Create) {
	r.ManagementGroup, r.Profile, r.Purposes, r.UsedBy = f.ManagementGroup, f.Profile, f.Purpose, f.UsedBy
}
