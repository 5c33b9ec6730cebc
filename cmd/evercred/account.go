package main

type accountCmd struct {
	connection
	List      accountListCmd      `cmd:"" help:"List accounts: search, filter, sort."`
	Export    accountExportCmd    `cmd:"" help:"Write accounts to a file: a table or JSON."`
	Show      accountShowCmd      `cmd:"" help:"Show an account: how it authenticates, until when, what it may do, what to do next."`
	History   accountHistoryCmd   `cmd:"" help:"Show what happened to an account: credentials, checks, operations, edits."`
	Add       accountAddCmd       `cmd:"" help:"Add an account, with a new application or an existing one."`
	Edit      accountEditCmd      `cmd:"" help:"Change name, description, policy, scope or purposes of an account; shows first what that means."`
	Connect   accountConnectCmd   `cmd:"" help:"Point an account at an existing application, or give it a new value for its own."`
	Renew     accountRenewCmd     `cmd:"" help:"Replace the secret or certificate of an account. Asks for a sign-in, unless its certificate signs for the new one."`
	Rollback  accountRollbackCmd  `cmd:"" help:"Go back to the credential that was in use before, while it is kept. No sign-in."`
	Recreate  accountRecreateCmd  `cmd:"" help:"Restore the deleted application of an account, or make a new one. Asks for a sign-in."`
	HandOver  accountHandOverCmd  `cmd:"" help:"Write the current credential to a file, for the software that uses the account."`
	Check     accountCheckCmd     `cmd:"" help:"Look at an account with its own credential."`
	Reconcile accountReconcileCmd `cmd:"" help:"Remove credentials that an interrupted run of Evercred left on the application, and find those that are gone. Asks for a sign-in."`
	Steward   accountStewardCmd   `cmd:"" help:"Make an account the one by whose rights the others of its tenant are renewed without a person."`
	Remove    accountRemoveCmd    `cmd:"" help:"Forget an account."`
}
