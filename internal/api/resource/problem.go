package resource

import "github.com/evercred/evercred/internal/fault"

// ProblemType starts the type of every problem; the fault's code follows.
const ProblemType = "urn:evercred:problem:"

// ProblemMediaType is the content type of a problem (RFC 9457).
const ProblemMediaType = "application/problem+json"

// Problem is an error as RFC 9457 writes it. Detail says what happened, Meaning what that means, Remedy what to do.
type Problem struct {
	Type     string `json:"type" doc:"urn:evercred:problem: and the code"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail" doc:"What happened"`
	Instance string `json:"instance,omitempty" doc:"The id of the request in the server's log"`
	Code     string `json:"code" enum:"invalid,unauthorized,not_found,conflict,refused,needs_choice,needs_sign_in,sign_in,credential,permission,azure,unreachable,interrupted,internal"`
	Meaning  string `json:"meaning,omitempty" doc:"What it means"`
	Remedy   string `json:"remedy,omitempty" doc:"What to do next"`
	Field    string `json:"field,omitempty" doc:"The input at fault"`
	Source   string `json:"source,omitempty" doc:"Microsoft's own code and text"`

	Fields []ProblemField `json:"fields,omitempty" nullable:"false" doc:"All inputs at fault, where there are several; or what somebody else changed"`
}

// Fault is the problem as an error.
func (p *Problem) Fault() *fault.Error {
	return &fault.Error{
		Code: fault.Code(p.Code), Message: p.Detail, Meaning: p.Meaning, Remedy: p.Remedy, Field: p.Field, Source: p.Source,
	}
}
