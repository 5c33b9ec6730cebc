# Every way that 2.45 can sign in without a browser.
section "Sign-in"

check "login by device code" "owner@contoso\.example" people_login owner@contoso.example
check "who signed in" "user $TENANT_ID" az account show --query "join(' ', [user.type, tenantId])" -o tsv
check "logout" "" az logout
check "login by device code, in a tenant" "reader@contoso\.example" people_login reader@contoso.example --tenant "$TENANT_ID"
check "login by device code, by the tenant's domain" "owner@contoso\.example" people_login owner@contoso.example --tenant "$TENANT_DOMAIN"
refused "login of a person whom Conditional Access refuses" "AADSTS53003" sign_in blocked@contoso.example
# A browser that does what a person does on the page. It answers in the background: the CLI waits for its end first.
cat >"$WORK/browser" <<'SH'
#!/usr/bin/env bash
curl -sSL --retry 5 --retry-connrefused --cacert "$CA_FILE" --data-urlencode user=uaa@contoso.example --data decision=continue "$1" </dev/null >/dev/null 2>&1 &
SH
chmod +x "$WORK/browser"
export CA_FILE
check "login by browser (authorization code with PKCE)" "uaa@contoso\.example" env BROWSER="$WORK/browser %s" az login --query "[0].user.name" -o tsv
check "login with a secret" "$SUBSCRIPTION_ID" az login --service-principal -u "$APP_ID" -p "$APP_SECRET" --tenant "$TENANT_ID" --query "[0].id" -o tsv
check "type of who signed in" "servicePrincipal $APP_ID" az account show --query "join(' ', [user.type, user.name])" -o tsv
refused "login with a wrong secret" "AADSTS7000215: Invalid client secret provided" \
  az login --service-principal -u "$APP_ID" -p wrong --tenant "$TENANT_ID"
refused "login of an unknown application" "AADSTS700016" \
  az login --service-principal -u 00000000-0000-4000-8000-000000000000 -p wrong --tenant "$TENANT_ID"
check "login with a certificate" "$SUBSCRIPTION_ID" az login --service-principal -u "$APP_ID" -p "$APP_PEM" --tenant "$TENANT_ID" --query "[0].id" -o tsv
check "login with a certificate and its chain" "$SUBSCRIPTION_ID" \
  az login --service-principal -u "$APP_ID" -p "$APP_PEM" --tenant "$TENANT_ID" --use-cert-sn-issuer --query "[0].id" -o tsv
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stranger -keyout "$WORK/stranger.key" -out "$WORK/stranger.crt" 2>/dev/null
cat "$WORK/stranger.key" "$WORK/stranger.crt" >"$WORK/stranger.pem"
refused "login with a certificate that is not registered" "AADSTS700027" \
  az login --service-principal -u "$APP_ID" -p "$WORK/stranger.pem" --tenant "$TENANT_ID"
check "login by device code, again" "owner@contoso\.example" people_login owner@contoso.example
