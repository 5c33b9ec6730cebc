//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package emulator

import "os"

// tryLock does nothing: this system has no lock that ends with its process, and a stale one would be worse than none.
func tryLock(*os.File) error { return nil }
