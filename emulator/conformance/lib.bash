# What the conformance scripts share: checks with a report, and an emulator to check against.
# shellcheck shell=bash

PASSED=0
FAILED=0
OUT=""   # standard output of the last check
FAILURES=() # names of the failed checks

# section says what the following checks are about.
section() { printf '\n%s\n' "$1"; }

# pass and fail count one check each.
pass() { PASSED=$((PASSED + 1)); printf '  ok    %s\n' "$1"; }
fail() {
  FAILED=$((FAILED + 1))
  FAILURES+=("$1")
  printf '  FAIL  %s\n' "$1"
}

# explain shows what a failed command said, the end of it where it is long.
explain() { # what, want, exit code, command...
  local what=$1 want=$2 code=$3
  shift 3
  printf '        command: %s\n        wanted:  %s %s\n        exit:    %s\n' "$(printf '%q ' "$@")" "$what" "$want" "$code"
  sed 's/^/        stdout:  /' "$WORK/stdout" | tail -n 20
  sed 's/^/        stderr:  /' "$WORK/stderr" | tail -n 20
}

run() {
  local code=0
  if declare -F "$1" >/dev/null; then
    ("$@") >"$WORK/stdout" 2>"$WORK/stderr" </dev/null || code=$?
  else
    timeout 180 "$@" >"$WORK/stdout" 2>"$WORK/stderr" </dev/null || code=$?
  fi
  OUT=$(cat "$WORK/stdout")
  return "$code"
}

# check runs a command that must succeed and print something that matches an extended regular expression. The pattern
# stands for the whole output: write .* where more may follow. "" wants no output at all.
check() { # name, pattern, command...
  local name=$1 want=$2 code=0
  shift 2
  run "$@" || code=$?
  if [ "$code" = 0 ] && [[ $OUT =~ ^($want)$ ]]; then pass "$name"; return; fi
  fail "$name"
  explain "output" "$want" "$code" "$@"
}

# refused runs a command that must fail, saying something on standard error that contains the pattern.
refused() { # name, pattern, command...
  local name=$1 want=$2 code=0
  shift 2
  run "$@" || code=$?
  if [ "$code" != 0 ] && grep -qE "$want" "$WORK/stderr"; then pass "$name"; return; fi
  fail "$name"
  explain "an error with" "$want" "$code" "$@"
}

# await runs a check's command until its output matches, for at most 30 seconds: for what takes effect a moment later.
await() { # name, pattern, command...
  local name=$1 want=$2 code=0 until=$((SECONDS + 30))
  shift 2
  while :; do
    code=0
    run "$@" || code=$?
    if [ "$code" = 0 ] && [[ $OUT =~ ^($want)$ ]]; then pass "$name"; return; fi
    [ "$SECONDS" -lt "$until" ] || break
  done
  fail "$name"
  explain "within 30 s, output" "$want" "$code" "$@"
}

# start_emulator starts the program on a free port, with a folder of its own, and takes over its emulator.env.
start_emulator() {
  "$EVERCRED" emulator --listen 127.0.0.1:0 --data "$WORK/cloud" >"$WORK/emulator.log" 2>&1 &
  EMULATOR=$!
  local until=$((SECONDS + 20))
  until [ -s "$WORK/cloud/emulator.env" ]; do
    if ! kill -0 "$EMULATOR" 2>/dev/null || [ "$SECONDS" -ge "$until" ]; then
      echo "The emulator did not start:" >&2
      cat "$WORK/emulator.log" >&2
      exit 1
    fi
    read -rt 0.05 <> <(:) || true
  done
  # shellcheck source=/dev/null # written by the emulator
  . "$WORK/cloud/emulator.env"
}

# stop_emulator ends it. With KEEP_REQUESTS naming a folder, the log of what the clients asked is kept there.
stop_emulator() {
  [ -n "${EMULATOR:-}" ] || return 0
  # shellcheck disable=SC2154 # "here" is set by the script that sources this
  if [ -n "${KEEP_REQUESTS:-}" ]; then control GET requests >"$KEEP_REQUESTS/$(basename "$here").json" || true; fi
  kill "$EMULATOR" 2>/dev/null || true
  wait "$EMULATOR" 2>/dev/null || true
  EMULATOR=""
}

# control asks the emulator's controls: method, path below /_emulator/, body.
control() { curl -sS --fail --cacert "$CA_FILE" -X "$1" "$BASE_URL/_emulator/$2" ${3:+-d "$3"}; }

# report prints the counts and, if something failed, what; it returns 1 then.
report() {
  printf '\n'
  if [ "$FAILED" -gt 0 ]; then
    echo "Failed:"
    printf '  %s\n' "${FAILURES[@]}"
  fi
  printf '%s: %d passed, %d failed\n' "$1" "$PASSED" "$FAILED"
  [ "$FAILED" = 0 ]
}
