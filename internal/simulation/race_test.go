//go:build race

package simulation

// raceDetector tells that everything takes ten times as long.
const raceDetector = true
