#!/usr/bin/env bash
# Runs the main job against a real Microsoft tenant and says what it saw. For a person with a tenant to spare:
#
#   scripts/real-tenant.sh --tenant TENANT_ID --subscription SUBSCRIPTION_ID [--cloud global] [--role Reader] [--out DIR]
#
# It makes one application with one role assignment, renews its secret, has you delete the application in the portal,
# restores it, and deletes it at the end. Each sign-in is yours, by device code. What is saved in DIR has ids and times,
# no secrets; the server's own folder, which has sealed ones, is temporary and removed.
# docs/real-tenant.md says what to look for.
set -euo pipefail
cd "$(dirname "$0")/.."

tenant='' subscription='' cloud=global role=Reader out=''

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0"; }

while [ $# -gt 0 ]; do
  case $1 in
    --tenant|--subscription|--cloud|--role|--out)
      [ $# -ge 2 ] || { echo "$1 needs a value." >&2; exit 2; }
      case $1 in
        --tenant) tenant=$2 ;;
        --subscription) subscription=$2 ;;
        --cloud) cloud=$2 ;;
        --role) role=$2 ;;
        --out) out=$2 ;;
      esac
      shift 2 ;;
    -h|--help) usage; exit 0 ;;
    *) echo "Unknown argument: $1" >&2; usage >&2; exit 2 ;;
  esac
done
if [ -z "$tenant" ] || [ -z "$subscription" ]; then usage >&2; exit 2; fi
[ -t 0 ] || { echo "This needs a terminal: you sign in and confirm." >&2; exit 2; }
for program in go jq; do
  command -v "$program" >/dev/null 2>&1 || { echo "$program is missing." >&2; exit 2; }
done

name="evercred-check-$(date -u +%Y%m%d-%H%M%S)"
out=${out:-$PWD/bin/real-tenant-$name}
work=$(mktemp -d)
server='' failures=0 made=no

finish() {
  local status=$?
  trap - EXIT
  if [ "$made" = yes ]; then
    echo
    echo "The account $name still exists. Left in the tenant: an application $name and its role assignment."
    echo "Remove them in the portal (App registrations; also under Deleted applications)."
  fi
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT

evercred() { "$work/evercred" "$@"; }
account() { local verb=$1; shift; evercred account "$verb" "$name" --env-file "$work/evercred.env" "$@"; }

row() { printf '%-6s %5ss  %s\n' "$1" "$2" "$3" | tee -a "$out/report.txt"; }

# expect CODE TITLE COMMAND...: runs it, and notes whether it ended with the exit code.
expect() {
  local want=$1 title=$2 from=$SECONDS got=0
  shift 2
  printf '\n--- %s\n' "$title"
  "$@" || got=$?
  if [ "$got" = "$want" ]; then
    row ok $((SECONDS - from)) "$title"
  else
    row FAIL $((SECONDS - from)) "$title (exit code $got, expected $want)"
    failures=$((failures + 1))
    return 1
  fi
}

# holds TITLE FILTER: notes whether a jq filter holds for the account as it is shown now.
holds() {
  account show -o json >"$work/account.json" || true
  if jq -e "$2" "$work/account.json" >/dev/null 2>&1; then
    row ok 0 "$1"
  else
    row FAIL 0 "$1 (see account.json)"
    cp "$work/account.json" "$out/account.json"
    failures=$((failures + 1))
  fi
}

stop() { echo "Stopped: what follows depends on this step. See $out/report.txt." >&2; exit 1; }

cat <<TXT
In tenant $tenant this makes an application "$name" and assigns it the role $role on subscription
$subscription. You sign in several times as somebody who may do both. At the end all of it is deleted.
TXT
read -r -p "Type yes to go on: " answer
[ "$answer" = yes ] || exit 1

mkdir -p "$out"
go build -o "$work/evercred" ./cmd/evercred
evercred serve --data "$work/data" --listen 127.0.0.1:0 --env-file "$work/evercred.env" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  [ -s "$work/evercred.env" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 1; }
  sleep 0.1
done
[ -s "$work/evercred.env" ] || { echo "The server did not come up:" >&2; cat "$work/server.log" >&2; exit 1; }
{ date -u +'%Y-%m-%dT%H:%M:%SZ'; evercred version; } | tee "$out/report.txt"

made=yes
expect 0 "add: application, service principal, secret and role are made and proven" \
  account add --auto --cloud "$cloud" --tenant-id "$tenant" --subscription "$subscription" --role "$role" || stop
holds "the account is valid after add" '.state == "valid"'
holds "its end is known" '.credential.expires_at != null'
application=$(jq -r '.application_id' "$work/account.json")
first=$(jq -r '.credential.key_id' "$work/account.json")

expect 0 "check: with the account's credential alone" account check
expect 0 "renew, the old secret removed in the same run" account renew --soak 0s || stop
holds "the secret is another one" ".credential.key_id != \"$first\""
holds "the first secret is removed" "[.credentials[] | select(.key_id == \"$first\") | .slot] == [\"removed\"]"

expect 0 "hand-over to a file" account hand-over --out "$work/handed-over" || stop
printf 'not-the-secret' >"$work/wrong"
expect 8 "connect with a wrong value is refused" account connect --secret-file "$work/wrong" || true
holds "and changed nothing" '.state == "valid"'

cat <<TXT

Now delete the application "$name" in the portal: Microsoft Entra ID, App registrations, $name, Delete.
Do not delete it permanently.
TXT
read -r -p "Press Enter when it is deleted: " _
expect 0 "recreate --restore: the deleted application comes back" account recreate --restore || stop
holds "with the same application id" ".application_id == \"$application\""
expect 0 "check: the role is still there" account check
holds "the account is valid after the restore" '.state == "valid"'

account show -o json >"$out/account.json"
evercred operation list --env-file "$work/evercred.env" -o json >"$out/operations.json"
if expect 0 "remove, with the application" account remove --delete-application --yes; then made=no; fi

echo
echo "$failures failed. Report: $out (ids and times, no secrets; look before you share it)."
[ "$failures" = 0 ]
