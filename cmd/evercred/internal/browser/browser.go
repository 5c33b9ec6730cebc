// Package browser opens an address in the browser of the machine, with the program that the system has for it.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"

	"github.com/evercred/evercred/internal/secret"
)

// Open starts the system's opener and waits for it, not for the browser. Others on the machine can see the address for
// the moment that the opener runs.
func Open(ctx context.Context, address secret.Value) error {
	name, args := opener(runtime.GOOS)
	path, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("there is no %s on this machine", name)
	}
	if err := exec.CommandContext(ctx, path, append(args, address.Reveal())...).Run(); err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return fmt.Errorf("%s ended with code %d", name, exit.ExitCode())
		}
		return fmt.Errorf("%s did not start", name)
	}
	return nil
}

func opener(system string) (name string, args []string) {
	switch system {
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	case "darwin":
		return "open", nil
	}
	return "xdg-open", nil
}
