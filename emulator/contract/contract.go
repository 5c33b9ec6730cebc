// Package contract holds the emulator to recorded answers of Microsoft Graph, Azure Resource Manager and Entra ID.
//
// The recordings themselves are not here: testdata restates what they say as stories. A story is a sequence of requests
// as a client made them, with the status, the headers of weight and the shape of each answer (which keys, which types,
// which constants), and the public project, file and date of the recording. testdata/README.md describes the language.
//
// docs/emulator.md has a table of operations; a test here keeps its column "recorded" equal to what the stories do.
package contract
