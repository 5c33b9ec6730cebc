//go:build !unix

package simulation

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
