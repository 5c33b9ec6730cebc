// Package simulation lives through years of many accounts, within minutes, with everything that goes wrong in them: the
// real planner and the real executor of package renewal on the real store, against the emulated cloud in the same process,
// on the virtual clock of testing/synctest. What happens is drawn from a seed, so that a failure can be lived through again.
//
// It is made of tests alone: `go test ./internal/simulation` is a few seconds of it, `make simulate` the whole.
// docs/simulation.md says what is simulated, what is asserted, and which moments without a working credential count as
// avoidable.
package simulation
