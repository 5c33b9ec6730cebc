# az ad group and az ad user, as far as role assignments need them. As the test application, which may do everything.
section "Groups and users"

as_everything() { AZURE_CONFIG_DIR=$WORK/azure-app az "$@"; }
mkdir -p "$WORK/azure-app" && cp "$AZURE_CONFIG_DIR"/{clouds.config,config} "$WORK/azure-app/"
check "login as the test application" "" as_everything login --service-principal -u "$APP_ID" -p "$APP_SECRET" --tenant "$TENANT_ID" -o none
check "group create" "$GUID" as_everything ad group create --display-name backup --mail-nickname backup --query id -o tsv
GROUP=$OUT
check "group list" "backup" as_everything ad group list --display-name backup --query "[].displayName" -o tsv
check "group show, by name" "$GROUP" as_everything ad group show --group backup --query id -o tsv
check "user create" "$GUID" as_everything ad user create --display-name Nina --user-principal-name "nina@$TENANT_DOMAIN" --password "Pl4ce-holder-9" --query id -o tsv
NINA=$OUT
check "user update" "" as_everything ad user update --id "$NINA" --display-name "Nina Nobody"
check "user show, by name" "Nina Nobody" as_everything ad user show --id "nina@$TENANT_DOMAIN" --query displayName -o tsv
check "group member add" "" as_everything ad group member add --group "$GROUP" --member-id "$NINA"
check "group member check" "true" as_everything ad group member check --group "$GROUP" --member-id "$NINA" --query value -o tsv
check "group member list" "$NINA" as_everything ad group member list --group "$GROUP" --query "[].id" -o tsv
check "user get-member-groups" "$GROUP|backup" as_everything ad user get-member-groups --id "$NINA" --query "[0].[id, displayName][?@] | [0]" -o tsv
check "group owner add" "" as_everything ad group owner add --group "$GROUP" --owner-object-id "$NINA"
check "group owner list" "$NINA" as_everything ad group owner list --group "$GROUP" --query "[].id" -o tsv
check "group member remove" "" as_everything ad group member remove --group "$GROUP" --member-id "$NINA"
check "group member check, after it" "false" as_everything ad group member check --group "$GROUP" --member-id "$NINA" --query value -o tsv
check "a person signs in whom a script has made" "nina@$TENANT_DOMAIN" with_home people_login "nina@$TENANT_DOMAIN" --allow-no-subscriptions
check "user delete" "" as_everything ad user delete --id "$NINA"
check "group delete" "" as_everything ad group delete --group "$GROUP"
refused "group show of none" "No group|does not exist|NotFound" as_everything ad group show --group "$GROUP"
check "provider operation show" "[0-9]+" as_everything provider operation show --namespace Microsoft.Authorization --query "length(resourceTypes)" -o tsv
