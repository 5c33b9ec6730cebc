# az group, az provider: what a script asks before it assigns a role.
section "Resource groups and providers"

check "group list" "rg1" az group list --query "[].name" -o tsv
check "group show" "rg1 Succeeded" az group show -n rg1 --query "join(' ', [name, properties.provisioningState])" -o tsv
check "group exists" "true" az group exists -n rg1
check "group exists, of none" "false" az group exists -n none
check "group create" "conformance westeurope" az group create -n conformance -l westeurope --query "join(' ', [name, location])" -o tsv
check "group update" "yes" az group update -n conformance --tags checked=yes --query tags.checked -o tsv
check "group list, by tag" "conformance" az group list --tag checked=yes --query "[].name" -o tsv
refused "group create in a location that is none" "LocationNotAvailableForResourceGroup" az group create -n elsewhere -l atlantis
check "group delete" "" az group delete -n conformance --yes
refused "group show of none" "ResourceGroupNotFound" az group show -n conformance
check "provider show" "Microsoft.Authorization" az provider show -n Microsoft.Authorization --query namespace -o tsv
check "provider list" ".*Microsoft.Authorization.*" bash -c "az provider list --query '[].namespace' -o tsv | paste -sd' '"
