# The CLI as it comes, on AzureCloud and its real host names, through the emulator's forward proxy.
section "Real host names, by proxy"

if [ -z "${PROXY_URL:-}" ]; then
  fail "emulator.env names a proxy (PROXY_URL)"
else
  export HTTPS_PROXY=$PROXY_URL AZURE_CONFIG_DIR=$WORK/azure-proxy
  mkdir -p "$AZURE_CONFIG_DIR"
  check "AzureCloud is the cloud" "AzureCloud" az cloud show --query name -o tsv
  check "login by device code" "owner@contoso\.example" people_login owner@contoso.example
  check "account list" "2" az account list --query "length(@)" -o tsv
  check "get-access-token for Graph" "Bearer" az account get-access-token --resource-type ms-graph --query tokenType -o tsv
  check "app create" "$GUID" az ad app create --display-name proxied --query appId -o tsv
  APP=$OUT
  check "app list" "$APP" az ad app list --display-name proxied --query "[].appId" -o tsv
  check "credential reset" ".{40}" az ad app credential reset --id "$APP" --query password -o tsv
  SECRET=$OUT
  check "sp create" "$APP" az ad sp create --id "$APP" --query appId -o tsv
  check "rest: Resource Manager" "2" az rest --url "https://management.azure.com/subscriptions?api-version=2022-12-01" --query "length(value)" -o tsv
  check "rest: Graph" "owner@contoso\.example" az rest --url https://graph.microsoft.com/v1.0/me --query userPrincipalName -o tsv
  check "group list" "rg1" az group list --query "[].name" -o tsv
  check "login with the secret" "$APP" env AZURE_CONFIG_DIR="$WORK/azure-proxy-app" \
    az login --service-principal -u "$APP" -p "$SECRET" --tenant "$TENANT_ID" --allow-no-subscriptions --query "[0].user.name" -o tsv
  refused "login in an unknown tenant" "AADSTS90002|invalid_tenant|Unable to get authority configuration" env AZURE_CONFIG_DIR="$WORK/azure-proxy-app" \
    az login --service-principal -u "$APP_ID" -p "$APP_SECRET" --tenant 00000000-0000-4000-8000-000000000000
  check "login with a certificate" "$SUBSCRIPTION_ID" env AZURE_CONFIG_DIR="$WORK/azure-proxy-app" \
    az login --service-principal -u "$APP_ID" -p "$APP_PEM" --tenant "$TENANT_ID" --query "[0].id" -o tsv
  check "AzureUSGovernment" "AzureUSGovernment" env AZURE_CONFIG_DIR="$WORK/azure-usgov" bash -c "
    az cloud set -n AzureUSGovernment 2>/dev/null
    az login --service-principal -u $APP_ID -p $APP_SECRET --tenant $TENANT_ID -o none && az cloud show --query name -o tsv"
  check "app delete" "" az ad app delete --id "$APP"
  refused "any other host is refused by the proxy" "Tunnel connection failed|ProxyError|403|502" az rest --url https://vault.example/ --skip-authorization-header
  unset HTTPS_PROXY
  export AZURE_CONFIG_DIR=$WORK/azure
fi
