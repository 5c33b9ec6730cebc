# az ad app credential: secrets and certificates, and a sign-in with each.
section "Credentials of an application"

check "app create" "$GUID" az ad app create --display-name credentials --query appId -o tsv
APP=$OUT
check "sp create" "$APP" az ad sp create --id "$APP" --query appId -o tsv
as_application() { as_principal "$APP" "$1"; }

check "credential reset" "$APP .{40}" az ad app credential reset --id "$APP" --query "join(' ', [appId, password])" -o tsv
SECRET=${OUT#* }
check "login with the new secret" "$APP" as_application "$SECRET"
check "credential list" "1" az ad app credential list --id "$APP" --query "length(@)" -o tsv
check "hint of the secret" "${SECRET:0:3}" az ad app credential list --id "$APP" --query "[0].hint" -o tsv
check "credential reset --append" ".{40}" az ad app credential reset --id "$APP" --append --display-name second --years 2 --query password -o tsv
SECOND=$OUT
check "two secrets" "second" az ad app credential list --id "$APP" --query "[?displayName=='second'].displayName" -o tsv
check "login with the first secret" "$APP" as_application "$SECRET"
check "login with the second secret" "$APP" as_application "$SECOND"
check "key id of the second" "$GUID" az ad app credential list --id "$APP" --query "[?displayName=='second'].keyId" -o tsv
check "credential delete" "" az ad app credential delete --id "$APP" --key-id "$OUT"
refused "login with the deleted secret" "AADSTS7000215" as_application "$SECOND"
refused "credential delete of none" "[Nn]o password credential found|does not exist|not found" \
  az ad app credential delete --id "$APP" --key-id 00000000-0000-4000-8000-000000000000
check "credential reset with an end" "2030-01-02T03:04:05Z" bash -c "az ad app credential reset --id $APP --append --end-date 2030-01-02T03:04:05+00:00 -o none 2>/dev/null && az ad app credential list --id $APP --query \"[?endDateTime>='2030'].endDateTime\" -o tsv"

section "Certificates of an application"
check "credential reset --create-cert --append" "$WORK/.*\.pem" az ad app credential reset --id "$APP" --create-cert --append --query fileWithCertAndPrivateKey -o tsv
FIRST=$OUT
check "login with the certificate" "$APP" as_application "$FIRST"
check "credential list --cert" "AsymmetricX509Cert Verify" az ad app credential list --id "$APP" --cert --query "[0].[type, usage] | join(' ', @)" -o tsv
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=own -keyout "$WORK/own.key" -out "$WORK/own.crt" 2>/dev/null
cat "$WORK/own.key" "$WORK/own.crt" >"$WORK/own.pem"
THUMB=$(openssl x509 -in "$WORK/own.crt" -noout -fingerprint -sha1 | tr -d ':' | cut -d= -f2)
check "credential reset --cert --append" "$APP" az ad app credential reset --id "$APP" --cert "@$WORK/own.crt" --append --query appId -o tsv
check "two certificates, one by its thumbprint" "$THUMB" az ad app credential list --id "$APP" --cert --query "[?displayName=='CN=own'].customKeyIdentifier" -o tsv
check "login with the own certificate" "$APP" as_application "$WORK/own.pem"
check "login with the first certificate, whose key was not sent again" "$APP" as_application "$FIRST"
check "key id of the own certificate" "$GUID" az ad app credential list --id "$APP" --cert --query "[?displayName=='CN=own'].keyId" -o tsv
check "credential delete --cert" "" az ad app credential delete --id "$APP" --cert --key-id "$OUT"
refused "login with the deleted certificate" "AADSTS700027" as_application "$WORK/own.pem"
check "the other certificate still works" "$APP" as_application "$FIRST"
refused "a certificate that is none" "." az ad app credential reset --id "$APP" --cert "bm90IGEgY2VydGlmaWNhdGU=" --append
check "credential reset, which clears all other secrets" ".{40}" az ad app credential reset --id "$APP" --query password -o tsv
check "one secret is left" "1" az ad app credential list --id "$APP" --query "length(@)" -o tsv
refused "login with the cleared secret" "AADSTS7000215" as_application "$SECRET"
check "certificates stay, whatever the help of the CLI says" "$APP" as_application "$FIRST"
check "credential reset --create-cert, which clears the certificates" "$WORK/.*\.pem" az ad app credential reset --id "$APP" --create-cert --query fileWithCertAndPrivateKey -o tsv
check "login with the new certificate" "$APP" as_application "$OUT"
refused "login with the cleared certificate" "AADSTS700027" as_application "$FIRST"
check "app delete" "" az ad app delete --id "$APP"
