//go:build unix

package simulation

import (
	"syscall"
	"time"
)

// cpuTime is what the processors have worked for this program.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
