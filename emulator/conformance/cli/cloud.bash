# A cloud of the CLI's own list: path-based, everything on the emulator's address. The authority ends in /adfs, without
# which MSAL asks login.microsoftonline.com whether the authority exists.
section "Clouds"

cat >"$WORK/cloud.json" <<JSON
{"endpoints": {"management": "$BASE_URL/", "resourceManager": "$BASE_URL/", "activeDirectory": "$BASE_URL/adfs",
  "activeDirectoryResourceId": "https://management.core.windows.net/", "activeDirectoryGraphResourceId": "https://graph.windows.net/",
  "microsoftGraphResourceId": "$BASE_URL/", "gallery": "$BASE_URL/"}, "suffixes": {"keyvaultDns": ".vault.azure.net"}}
JSON
check "cloud register, with a file" "" az cloud register -n emulator --cloud-config "@$WORK/cloud.json"
check "cloud set" "" az cloud set -n emulator
check "cloud show" "$BASE_URL/adfs" az cloud show --query endpoints.activeDirectory -o tsv
check "cloud register, by the metadata of Resource Manager" "" az cloud register -n detected --endpoint-resource-manager "$BASE_URL"
check "what was detected" "$BASE_URL/? https://management.*" \
  az cloud show -n detected --query "join(' ', [endpoints.activeDirectory, endpoints.activeDirectoryResourceId])" -o tsv
check "cloud unregister" "" az cloud unregister -n detected
check "cloud list" ".*emulator.*" az cloud list --query "[?isActive].name" -o tsv
