# az ad sp: service principals, their own credentials, and create-for-rbac.
section "Service principals"

check "sp create-for-rbac" "$GUID .{40} $TENANT_ID" az ad sp create-for-rbac -n rbac --query "join(' ', [appId, password, tenant])" -o tsv
read -r RBAC SECRET _ <<<"$OUT"
check "sp show" "rbac Application" az ad sp show --id "$RBAC" --query "join(' ', [displayName, servicePrincipalType])" -o tsv
check "sp show, by name of the service principal" "$GUID" az ad sp show --id "$RBAC" --query id -o tsv
SP=$OUT
check "sp show, by object id" "$RBAC" az ad sp show --id "$SP" --query appId -o tsv
check "login as it, which has no role" "$RBAC" as_principal "$RBAC" "$SECRET"
refused "login as it without --allow-no-subscriptions" "No subscriptions found" with_home az login --service-principal -u "$RBAC" -p "$SECRET" --tenant "$TENANT_ID"
check "sp create-for-rbac, again: same application, new secret" "$RBAC" az ad sp create-for-rbac -n rbac --query appId -o tsv
check "sp create-for-rbac --create-cert" "$GUID $WORK/.*\.pem" \
  az ad sp create-for-rbac -n rbac-certificate --create-cert --query "join(' ', [appId, fileWithCertAndPrivateKey])" -o tsv
read -r CERT_APP CERT_FILE <<<"$OUT"
check "login with its certificate" "$CERT_APP" as_principal "$CERT_APP" "$CERT_FILE"
check "sp list, by name" "$RBAC" az ad sp list --display-name rbac --query "[?displayName=='rbac'].appId" -o tsv
check "sp list --all" ".*rbac.*" bash -c "az ad sp list --all --query '[].displayName' -o tsv | paste -sd' '"
check "sp list --show-mine: who makes a service principal does not own it" "" az ad sp list --show-mine --query "[].displayName" -o tsv
check "sp list --filter" "$RBAC" az ad sp list --filter "appId eq '$RBAC'" --query "[].appId" -o tsv
check "sp list --spn" "$RBAC" az ad sp list --spn "$RBAC" --query "[].appId" -o tsv
check "sp update" "" az ad sp update --id "$RBAC" --set accountEnabled=false
refused "login while it is disabled" "AADSTS(7000112|1000031)" as_principal "$RBAC" "$SECRET"
check "sp update, back" "" az ad sp update --id "$RBAC" --set accountEnabled=true
check "sp owner list" "0" az ad sp owner list --id "$RBAC" --query "length(@)" -o tsv

section "Credentials of a service principal"
check "sp credential reset" "$RBAC .{30,}" az ad sp credential reset --id "$SP" --query "join(' ', [appId, password])" -o tsv
OWN=${OUT#* }
check "login with it" "$RBAC" as_principal "$RBAC" "$OWN"
check "sp credential reset --append" ".{30,}" az ad sp credential reset --id "$RBAC" --append --display-name more --query password -o tsv
check "sp credential list" "2" az ad sp credential list --id "$RBAC" --query "length(@)" -o tsv
check "sp credential reset --create-cert --append" "$WORK/.*\.pem" \
  az ad sp credential reset --id "$RBAC" --create-cert --append --query fileWithCertAndPrivateKey -o tsv
check "login with the principal's certificate" "$RBAC" as_principal "$RBAC" "$OUT"
check "key id" "$GUID" az ad sp credential list --id "$RBAC" --query "[?displayName=='more'].keyId" -o tsv
check "sp credential delete" "" az ad sp credential delete --id "$RBAC" --key-id "$OUT"
check "one is left" "1" az ad sp credential list --id "$RBAC" --query "length(@)" -o tsv
check "delete a service principal, its application stays" "$RBAC" bash -c \
  "az rest --method DELETE --url '$BASE_URL/v1.0/servicePrincipals/$SP' --resource $BASE_URL/ && az ad app show --id $RBAC --query appId -o tsv"
refused "sp show of the deleted" "does not exist|ResourceNotFound" az ad sp show --id "$SP"
refused "login without a service principal" "AADSTS(7000229|700016)" as_principal "$RBAC" "$SECRET"
check "app delete" "" az ad app delete --id "$RBAC"
check "sp delete" "" az ad sp delete --id "$CERT_APP"
check "its application stays" "$CERT_APP" az ad app show --id "$CERT_APP" --query appId -o tsv
check "app delete, the last" "" az ad app delete --id "$CERT_APP"
