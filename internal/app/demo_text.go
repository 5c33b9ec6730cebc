package app

import (
	"os"
	"strings"
)

// program is how the reader calls this program: as `go run` did, or by its name.
func program() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go run ./cmd/evercred"
	}
	return os.Args[0]
}

// demoText tells what to do next, step by step.
func demoText(url, cloudURL, envFile string) string {
	return strings.NewReplacer("URL", url, "CLOUD", cloudURL, "ENV", envFile, "EVERCRED", program()).Replace(`Evercred runs at URL, against an emulated Microsoft cloud at CLOUD.
Nothing here reaches Microsoft. Stop it with Ctrl-C.

In another terminal, in this folder:

  1. Tell the command line where the server is:
       set -a; . ENV; set +a
  2. See the service accounts, what authenticates them and when that ends:
       EVERCRED account list
  3. Renew the secret that ends in 9 days. Open the page it names, enter the code,
     and sign in as owner@contoso.example:
       EVERCRED account renew backup-prod
  4. Hand the new secret to the software that uses it. The old one keeps working for
     24 hours after that, then it is removed when rights are at hand:
       EVERCRED account hand-over backup-prod --out backup-prod.secret
  5. Bring back an application that was deleted, and replace one that is gone for good:
       EVERCRED account recreate backup-archive --restore
       EVERCRED account recreate backup-dr --new
  6. See what is missing on backup-sql:
       EVERCRED account check backup-sql

To see how a refusal reads, sign in as contributor@, owner-noentra@ or blocked@contoso.example.
`)
}
