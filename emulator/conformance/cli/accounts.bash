# az account: subscriptions, tokens, management groups.
section "Accounts"

check "account list" "$(tr ',' '|' <<<"$SUBSCRIPTION_IDS" | sed 's/.*/(&) (&)/')" bash -c "az account list --query '[].id' -o tsv | paste -sd' '"
check "account show" "$SUBSCRIPTION_ID Enabled emulator" az account show -s "$SUBSCRIPTION_ID" --query "join(' ', [id, state, environmentName])" -o tsv
check "account list --refresh" "2" az account list --refresh --query "length(@)" -o tsv
check "account list-locations" ".*westeurope.*" bash -c "az account list-locations --query '[].name' -o tsv | paste -sd' '"
check "account set" "" az account set -s "${SUBSCRIPTION_IDS##*,}"
check "which subscription is set" "${SUBSCRIPTION_IDS##*,}" az account show --query id -o tsv
check "account set, by name" "" az account set -s "Contoso Production"
check "account get-access-token" "Bearer $SUBSCRIPTION_ID $TENANT_ID" \
  az account get-access-token --query "join(' ', [tokenType, subscription, tenant])" -o tsv
check "get-access-token for Graph" "Bearer" az account get-access-token --resource-type ms-graph --query tokenType -o tsv
check "get-access-token by resource" "Bearer" az account get-access-token --resource https://management.azure.com/ --query tokenType -o tsv
check "get-access-token by scope" "Bearer" az account get-access-token --scope https://graph.microsoft.com/.default --query tokenType -o tsv
check "get-access-token in the tenant" "$TENANT_ID" az account get-access-token -t "$TENANT_ID" --query tenant -o tsv
refused "get-access-token for an unknown resource" "AADSTS500011" az account get-access-token --resource https://nobody.example
check "rest: subscriptions" "2" az rest --url "/subscriptions?api-version=2022-12-01" --query "length(value)" -o tsv
check "rest: tenants" "$TENANT_ID" az rest --url "/tenants?api-version=2020-01-01" --query "value[0].tenantId" -o tsv
refused "rest without a version" "MissingApiVersionParameter" az rest --url "$BASE_URL/subscriptions"

section "Management groups"
check "management-group create, by a person" "conformance" az account management-group create -n conformance --display-name Conformance --no-register --query name -o tsv
check "management-group show, by who made it" "Conformance" az account management-group show -n conformance --no-register --query displayName -o tsv
check "management-group update" "Renamed" az account management-group update -n conformance --display-name Renamed --query displayName -o tsv
refused "management-group show, by who has no role there" "AuthorizationFailed" az account management-group show -n contoso-landing --no-register
check "management-group delete" "" az account management-group delete -n conformance --no-register -o none
refused "management-group show of none" "NotFound|AuthorizationFailed" az account management-group show -n conformance --no-register

# The rest as the test application, which has a role at the root group.
mkdir -p "$WORK/azure-app" && cp "$AZURE_CONFIG_DIR"/{clouds.config,config} "$WORK/azure-app/"
as_app() { AZURE_CONFIG_DIR=$WORK/azure-app az "$@"; }
check "login as the test application" "" as_app login --service-principal -u "$APP_ID" -p "$APP_SECRET" --tenant "$TENANT_ID" -o none
check "management-group list, which registers the provider first" "contoso-landing" as_app account management-group list --query "[?name=='contoso-landing'].name" -o tsv
check "management-group show" "contoso-landing $TENANT_ID" \
  as_app account management-group show -n contoso-landing --no-register --query "join(' ', [name, tenantId])" -o tsv
check "management-group show, with what is below" "$SUBSCRIPTION_ID" \
  as_app account management-group show -n contoso-landing -e -r --no-register --query "children[?name=='$SUBSCRIPTION_ID'].name" -o tsv
check "management-group create, with a parent" "below" as_app account management-group create -n below --parent contoso-landing --no-register --query name -o tsv
check "management-group subscription add" "" as_app account management-group subscription add -n below -s "${SUBSCRIPTION_IDS##*,}" -o none
check "where the subscription is" "${SUBSCRIPTION_IDS##*,}" as_app account management-group show -n below -e --no-register --query "children[].name" -o tsv
refused "management-group delete with a subscription in it" "." as_app account management-group delete -n below --no-register
check "management-group subscription add, back" "" as_app account management-group subscription add -n contoso-landing -s "${SUBSCRIPTION_IDS##*,}" -o none
check "management-group delete, when it is empty" "" as_app account management-group delete -n below --no-register -o none
