# Roles. Debian's build of 2.45 stands on a library that az role cannot use, so its requests are made with az rest; the
# day a build works, the first check says so by failing.
section "Roles (az rest: az role is broken in Debian's 2.45)"

AUTHORIZATION=/providers/Microsoft.Authorization
SUBSCRIPTION=/subscriptions/$SUBSCRIPTION_ID
READER_ROLE=acdd72a7-3385-48ef-bd42-f606fba81ae7
refused "az role itself" "has no attribute 'config'" az role definition list -n Reader
check "role definitions, by name" "Reader BuiltInRole" az rest --url "$SUBSCRIPTION$AUTHORIZATION/roleDefinitions?api-version=2022-04-01&\$filter=roleName eq 'Reader'" \
  --query "value[0].properties.[roleName, type] | join(' ', @)" -o tsv
check "role definitions, all built-in" "[0-9]{2,}" az rest --url "$SUBSCRIPTION$AUTHORIZATION/roleDefinitions?api-version=2018-01-01-preview&\$filter=type eq 'BuiltInRole'" --query "length(value)" -o tsv
check "role definition, by id" "Reader" az rest --url "$SUBSCRIPTION$AUTHORIZATION/roleDefinitions/$READER_ROLE?api-version=2022-04-01" --query properties.roleName -o tsv
check "sp create-for-rbac" "$GUID" az ad sp create-for-rbac -n roles --query appId -o tsv
APP=$OUT
check "its object id" "$GUID" az ad sp show --id "$APP" --query id -o tsv
SP=$OUT
ASSIGNMENT=$SUBSCRIPTION$AUTHORIZATION/roleAssignments/6f0f1c1e-95a4-4d0a-9d0c-2f5c7e1d2b3a
cat >"$WORK/assignment.json" <<JSON
{"properties": {"roleDefinitionId": "$SUBSCRIPTION$AUTHORIZATION/roleDefinitions/$READER_ROLE", "principalId": "$SP", "principalType": "ServicePrincipal"}}
JSON
check "role assignment, put" "$SP ServicePrincipal" az rest --method PUT --url "$ASSIGNMENT?api-version=2022-04-01" --body "@$WORK/assignment.json" \
  --query "properties.[principalId, principalType] | join(' ', @)" -o tsv
refused "the same under another name" "RoleAssignmentExists" az rest --method PUT --url "${ASSIGNMENT%a}b?api-version=2022-04-01" --body "@$WORK/assignment.json"
check "role assignments, by principal" "1" az rest --url "$SUBSCRIPTION$AUTHORIZATION/roleAssignments?api-version=2022-04-01&\$filter=principalId eq '$SP'" --query "length(value)" -o tsv
check "role assignments, by assignedTo" "1" az rest --url "$SUBSCRIPTION$AUTHORIZATION/roleAssignments?api-version=2022-04-01&\$filter=assignedTo('$SP')" --query "length(value)" -o tsv
check "role assignments, atScope" "[0-9]+" az rest --url "$SUBSCRIPTION/resourceGroups/rg1$AUTHORIZATION/roleAssignments?api-version=2022-04-01&\$filter=atScope()" --query "length(value)" -o tsv
check "az role assignment's old version" "$SP" az rest --url "$ASSIGNMENT?api-version=2020-04-01-preview" --query properties.principalId -o tsv
refused "role assignment of a principal that is none" "PrincipalNotFound" az rest --method PUT --url "${ASSIGNMENT%a}c?api-version=2022-04-01" \
  --body "{\"properties\": {\"roleDefinitionId\": \"$SUBSCRIPTION$AUTHORIZATION/roleDefinitions/$READER_ROLE\", \"principalId\": \"00000000-0000-4000-8000-000000000000\"}}"
check "role assignment, delete" "$SP" az rest --method DELETE --url "$ASSIGNMENT?api-version=2022-04-01" --query properties.principalId -o tsv
check "role assignment, delete again" "" az rest --method DELETE --url "$ASSIGNMENT?api-version=2022-04-01"
ROLE=$SUBSCRIPTION$AUTHORIZATION/roleDefinitions/0d1e2f3a-4b5c-4d6e-8f70-8192a3b4c5d6
cat >"$WORK/role.json" <<JSON
{"properties": {"roleName": "Conformance reader", "description": "By conformance", "type": "CustomRole",
  "permissions": [{"actions": ["Microsoft.Compute/*/read"], "notActions": []}], "assignableScopes": ["$SUBSCRIPTION"]}}
JSON
check "custom role, put" "Conformance reader" az rest --method PUT --url "$ROLE?api-version=2022-04-01" --body "@$WORK/role.json" --query properties.roleName -o tsv
check "custom roles" "Conformance reader" az rest --url "$SUBSCRIPTION$AUTHORIZATION/roleDefinitions?api-version=2022-04-01&\$filter=type eq 'CustomRole'" \
  --query "value[].properties.roleName" -o tsv
check "custom role, delete" "Conformance reader" az rest --method DELETE --url "$ROLE?api-version=2022-04-01" --query properties.roleName -o tsv
check "permissions of the caller" "\*" az rest --url "$SUBSCRIPTION$AUTHORIZATION/permissions?api-version=2022-04-01" --query "value[0].actions[0]" -o tsv
check "app delete" "" az ad app delete --id "$APP"
