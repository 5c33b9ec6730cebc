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

// demoText tells what to do next: the page first, then the command line.
func demoText(link, url, cloudURL, envFile string) string {
	return strings.NewReplacer("LINK", link, "URL", url, "CLOUD", cloudURL, "ENV", envFile, "EVERCRED", program()).Replace(`Open this address in a browser. It signs you in, once, within 24 hours:

  LINK

Evercred runs at URL, against an emulated Microsoft cloud at CLOUD.
Nothing here reaches Microsoft. Stop it with Ctrl-C.

On the page: renew the secret of backup-prod, which ends in 9 days. Where it asks for a sign-in, use
owner@contoso.example. To see how a refusal reads, use contributor@, owner-noentra@ or blocked@contoso.example.

The same by the command line, in another terminal, in this folder:

  set -a; . ENV; set +a
  EVERCRED account list
  EVERCRED account renew backup-prod
  EVERCRED account hand-over backup-prod --out backup-prod.secret
  EVERCRED account recreate backup-archive --restore
  EVERCRED account recreate backup-dr --new
  EVERCRED account check backup-sql
  EVERCRED web                              (another address that signs you in)
`)
}
