# az ad app federated-credential, and the refusal of an assertion that no record matches.
section "Federated credentials"

check "app create" "$GUID" az ad app create --display-name federation --query appId -o tsv
APP=$OUT
credential() { # name, subject
  printf '{"name": "%s", "issuer": "https://token.actions.githubusercontent.com", "subject": "%s", "description": "by conformance", "audiences": ["api://AzureADTokenExchange"]}' "$1" "$2"
}
check "federated-credential create" "main repo:evercred/evercred:ref:refs/heads/main" \
  az ad app federated-credential create --id "$APP" --parameters "$(credential main repo:evercred/evercred:ref:refs/heads/main)" --query "join(' ', [name, subject])" -o tsv
refused "the same name again" "already exists" \
  az ad app federated-credential create --id "$APP" --parameters "$(credential main repo:evercred/evercred:ref:refs/heads/other)"
refused "the same issuer and subject under another name" "InvalidFederatedIdentityCredentialValue|combination|[Ii]ssuer" \
  az ad app federated-credential create --id "$APP" --parameters "$(credential twin repo:evercred/evercred:ref:refs/heads/main)"
check "a second one" "second" az ad app federated-credential create --id "$APP" --parameters "$(credential second repo:evercred/evercred:environment:production)" --query name -o tsv
check "federated-credential list" "main second" bash -c "az ad app federated-credential list --id $APP --query '[].name' -o tsv | sort | paste -sd' '"
check "federated-credential show, by name" "$GUID" az ad app federated-credential show --id "$APP" --federated-credential-id main --query id -o tsv
FIC=$OUT
check "federated-credential show, by id" "main" az ad app federated-credential show --id "$APP" --federated-credential-id "$FIC" --query name -o tsv
check "federated-credential update" "" az ad app federated-credential update --id "$APP" --federated-credential-id "$FIC" \
  --parameters "$(credential main repo:evercred/evercred:ref:refs/heads/next | sed 's/"name": "main", //')"
check "what was updated" "repo:evercred/evercred:ref:refs/heads/next" \
  az ad app federated-credential show --id "$APP" --federated-credential-id "$FIC" --query subject -o tsv
check "federated-credential delete" "" az ad app federated-credential delete --id "$APP" --federated-credential-id second
check "one is left" "main" az ad app federated-credential list --id "$APP" --query "[].name" -o tsv
refused "federated-credential show of none" "does not exist|NotFound" az ad app federated-credential show --id "$APP" --federated-credential-id second
check "sp create" "$APP" az ad sp create --id "$APP" --query appId -o tsv
refused "login with an assertion of an issuer that no record names" "AADSTS(70021|700211|700213|5002|50027)" \
  with_home az login --service-principal -u "$APP" --tenant "$TENANT_ID" --allow-no-subscriptions --federated-token \
  "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJodHRwczovL25vYm9keS5leGFtcGxlIiwic3ViIjoieCIsImF1ZCI6ImFwaTovL0F6dXJlQURUb2tlbkV4Y2hhbmdlIiwiZXhwIjo0MTAyNDQ0ODAwfQ.c2ln"
check "app delete" "" az ad app delete --id "$APP"
