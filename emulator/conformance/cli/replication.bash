# What the CLI waits out by itself: replicas that disagree after a write. Real clients meet this every day.
section "While replicas disagree"

control PUT replication '{"delay":"7s","replicas":3}' >/dev/null
check "sp create-for-rbac" "$GUID .{40}" az ad sp create-for-rbac -n late --query "join(' ', [appId, password])" -o tsv
read -r APP SECRET <<<"$OUT"
await "login with the secret, once all replicas have it" "$APP" as_principal "$APP" "$SECRET"
control PUT replication '{"delay":"0s"}' >/dev/null
check "sp show" "late" az ad sp show --id "$APP" --query displayName -o tsv
check "app delete" "" az ad app delete --id "$APP"
