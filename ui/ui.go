// Package ui has the built page of Evercred. Its source stands beside this file and is built by `npm run build` into dist,
// which is committed, so that building the server needs no Node.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist returns the built files: index.html and what it loads.
func Dist() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is valid, as the line above shows
	}
	return files
}
