package main

import (
	"bytes"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits runs the program in this process and compares its exit code: exits CODE ARG... Standard input is the file
// "stdin" of the script's folder, where there is one. Its output is checked with the files "stdout" and "stderr".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: exits CODE ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec("evercred", args[1:]...)
	got := 0
	if err != nil {
		code, ok := err.(interface{ ExitCode() int })
		if !ok {
			ts.Fatalf("running evercred: %v", err)
		}
		got = code.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d; standard error:\n%s", got, want, bytes.TrimSpace([]byte(ts.ReadFile("stderr"))))
	}
}
