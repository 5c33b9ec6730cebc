// Package crash is the crash matrix: every kind of change, stopped or disturbed at every point at which something becomes
// known to the world outside or to the disk, and looked at afterwards. All of it is in the tests; `make crash` runs the
// whole matrix, `go test` a fixed part of it. docs/crash.md says what is tried and how to read the report.
//
// A world is an emulated cloud in this process, a data folder and an engine on both. A kind is a change that people ask
// for, played to its end in a world. A point is a moment before or after a remote call or a commit of the store, found by
// recording one undisturbed run. A misfortune is what happens there. The judge then holds the world against what was
// before: the account works, nothing is left over, nothing of others was touched, the journals and the audit log are whole.
package crash
