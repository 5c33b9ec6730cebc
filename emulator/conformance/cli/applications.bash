# az ad app: the registration itself, its owners and its permissions.
section "Applications"

check "app create" "$GUID" az ad app create --display-name conformance --query appId -o tsv
APP=$OUT
check "app create is idempotent by name" "$APP" az ad app create --display-name conformance --query appId -o tsv
check "app show, by app id" "conformance AzureADMyOrg" az ad app show --id "$APP" --query "join(' ', [displayName, signInAudience])" -o tsv
check "object id" "$GUID" az ad app show --id "$APP" --query id -o tsv
OBJECT=$OUT
check "app show, by object id" "$APP" az ad app show --id "$OBJECT" --query appId -o tsv
check "app list, by name" "$APP" az ad app list --display-name conformance --query "[].appId" -o tsv
check "app list, by app id" "conformance" az ad app list --app-id "$APP" --query "[].displayName" -o tsv
check "app list --filter" "$APP" az ad app list --filter "startswith(displayName,'conform')" --query "[].appId" -o tsv
check "app list --all" ".*conformance.*" bash -c "az ad app list --all --query '[].displayName' -o tsv | paste -sd' '"
check "app list --show-mine" ".*conformance.*" bash -c "az ad app list --show-mine --query '[].displayName' -o tsv | paste -sd' '"
check "app update" "" az ad app update --id "$APP" --set displayName=renamed notes=written
check "what was updated" "renamed written" az ad app show --id "$APP" --query "join(' ', [displayName, notes])" -o tsv
check "app update, identifier URI" "" az ad app update --id "$APP" --identifier-uris "api://$APP"
check "app show, by identifier URI" "$APP" az ad app show --id "api://$APP" --query appId -o tsv
check "app list --identifier-uri" "$APP" az ad app list --identifier-uri "api://$APP" --query "[].appId" -o tsv
check "app update, redirect URIs" "" az ad app update --id "$APP" --web-redirect-uris https://app.example/a https://app.example/b \
  --public-client-redirect-uris http://localhost --is-fallback-public-client true --enable-id-token-issuance true
check "redirect URIs" "https://app.example/a https://app.example/b http://localhost true true" bash -c "az ad app show --id $APP --query \
  '[web.redirectUris[0], web.redirectUris[1], publicClient.redirectUris[0], isFallbackPublicClient, web.implicitGrantSettings.enableIdTokenIssuance]' -o tsv | paste -sd' '"
cat >"$WORK/roles.json" <<'JSON'
[{"allowedMemberTypes": ["Application"], "description": "Reads", "displayName": "Read", "isEnabled": true, "value": "read"}]
JSON
check "app update, app roles" "" az ad app update --id "$APP" --app-roles "@$WORK/roles.json"
check "app roles" "read true" az ad app show --id "$APP" --query "appRoles[0].[value, to_string(isEnabled)] | join(' ', @)" -o tsv
check "app update, optional claims" "" az ad app update --id "$APP" --optional-claims '{"accessToken": [{"name": "email", "essential": false}]}'
check "app update --sign-in-audience" "" az ad app update --id "$APP" --sign-in-audience AzureADMultipleOrgs
refused "app show of none" "does not exist|ResourceNotFound" az ad app show --id 00000000-0000-4000-8000-000000000000

section "Owners"
check "the creator is owner" "owner@contoso\.example" az ad app owner list --id "$APP" --query "[].userPrincipalName" -o tsv
check "signed-in-user show" "owner@contoso\.example" az ad signed-in-user show --query userPrincipalName -o tsv
check "ad user show" "$GUID" az ad user show --id reader@contoso.example --query id -o tsv
READER=$OUT
check "ad user list" ".*contributor@contoso.example.*" bash -c "az ad user list --query '[].userPrincipalName' -o tsv | paste -sd' '"
check "owner add" "" az ad app owner add --id "$APP" --owner-object-id "$READER"
check "owner list" "2" az ad app owner list --id "$APP" --query "length(@)" -o tsv
check "owner add, again" "" az ad app owner add --id "$APP" --owner-object-id "$READER"
check "owner remove" "" az ad app owner remove --id "$APP" --owner-object-id "$READER"
check "one owner is left" "owner@contoso\.example" az ad app owner list --id "$APP" --query "[].userPrincipalName" -o tsv
check "signed-in-user list-owned-objects" ".*renamed.*" bash -c "az ad signed-in-user list-owned-objects --query '[].displayName' -o tsv | paste -sd' '"

section "Permissions"
GRAPH=00000003-0000-0000-c000-000000000000
check "permission add" "" az ad app permission add --id "$APP" --api "$GRAPH" --api-permissions \
  18a4783c-866b-4cc7-a460-3d5e5662c884=Role e1fe6dd8-ba31-4d61-89e7-88639da4683d=Scope
check "permission list" "18a4783c-866b-4cc7-a460-3d5e5662c884 e1fe6dd8-ba31-4d61-89e7-88639da4683d" \
  bash -c "az ad app permission list --id $APP --query '[0].resourceAccess[].id' -o tsv | paste -sd' '"
check "sp create" "$APP" az ad sp create --id "$APP" --query appId -o tsv
check "permission grant" "User.Read" az ad app permission grant --id "$APP" --api "$GRAPH" --scope User.Read --query scope -o tsv
check "permission list-grants" "User.Read AllPrincipals" \
  az ad app permission list-grants --id "$APP" --query "[0].[scope, consentType] | join(' ', @)" -o tsv
check "permission list-grants, with names" ".+" az ad app permission list-grants --id "$APP" --show-resource-name --query "[0].resourceDisplayName" -o tsv
check "permission delete" "" az ad app permission delete --id "$APP" --api "$GRAPH" --api-permissions e1fe6dd8-ba31-4d61-89e7-88639da4683d
check "one permission is left" "18a4783c-866b-4cc7-a460-3d5e5662c884" az ad app permission list --id "$APP" --query "[0].resourceAccess[].id" -o tsv
check "ids of the two service principals" "$GUID $GUID" bash -c "(az ad sp show --id $APP --query id -o tsv; az ad sp show --id $GRAPH --query id -o tsv) | paste -sd' '"
read -r SP GRAPH_SP <<<"$OUT"
permit() { # az of who permits
  "$@" rest --method POST --url "$BASE_URL/v1.0/servicePrincipals/$SP/appRoleAssignments" --resource "$BASE_URL/" --query appRoleId -o tsv \
    --body "{\"principalId\": \"$SP\", \"resourceId\": \"$GRAPH_SP\", \"appRoleId\": \"18a4783c-866b-4cc7-a460-3d5e5662c884\"}"
}
as_test_application() {
  az login --service-principal -u "$APP_ID" -p "$APP_SECRET" --tenant "$TENANT_ID" -o none && az "$@"
}
refused "an application's permission for Graph, by a person without the role for it" "Authorization_RequestDenied" permit az
check "an application's permission for Graph, by the test application" "18a4783c-866b-4cc7-a460-3d5e5662c884" permit with_home as_test_application

section "Deletion"
check "app delete" "" az ad app delete --id "$APP"
refused "it is gone" "does not exist|not found" az ad app show --id "$APP"
check "among the deleted" ".*renamed.*" bash -c "az rest --url '$BASE_URL/v1.0/directory/deletedItems/microsoft.graph.application' --resource $BASE_URL/ --query 'value[].displayName' -o tsv | paste -sd' '"
check "restored" "$APP" az rest --method POST --url "$BASE_URL/v1.0/directory/deletedItems/$OBJECT/restore" --resource "$BASE_URL/" --query appId -o tsv
check "app show after the restoration" "renamed" az ad app show --id "$APP" --query displayName -o tsv
check "app delete, by object id" "" az ad app delete --id "$OBJECT"
check "deleted for good" "" az rest --method DELETE --url "$BASE_URL/v1.0/directory/deletedItems/$OBJECT" --resource "$BASE_URL/"
