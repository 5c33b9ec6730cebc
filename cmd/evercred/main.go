// Command evercred is all of Evercred: the server, the demonstration, the emulated cloud, and the command line that talks
// to a server. One file per sub-command; what they share is in the folders below internal.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(runUntilSignal(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// runUntilSignal runs the program under a context that Ctrl-C or a polite kill ends. A second Ctrl-C kills.
func runUntilSignal(args []string, in io.Reader, out, errw io.Writer, getenv func(string) string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, args, in, out, errw, getenv)
}
