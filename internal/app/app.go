// Package app puts Evercred together: store, clock, cloud, engine, jobs, REST API and page, from one Config. The commands,
// the demo and the end-to-end tests all start it here.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/evercred/evercred/internal/account"
	"github.com/evercred/evercred/internal/api"
	"github.com/evercred/evercred/internal/authn"
	"github.com/evercred/evercred/internal/certificate"
	"github.com/evercred/evercred/internal/clock"
	"github.com/evercred/evercred/internal/cloud"
	"github.com/evercred/evercred/internal/fault"
	"github.com/evercred/evercred/internal/jobs"
	"github.com/evercred/evercred/internal/renewal"
	"github.com/evercred/evercred/internal/seal"
	"github.com/evercred/evercred/internal/store"
	"github.com/evercred/evercred/internal/web"
	"github.com/evercred/evercred/ui"
)

// Version is what `evercred version` prints and the REST API tells.
const Version = "0.1.0-dev"

// Config says where an Evercred server keeps its data and where it listens.
type Config struct {
	DataDir      string      // folder; made with mode 0700
	Listen       string      // host:port; port 0 picks a free one
	Demo         bool        // the server is part of the demonstration, and says so
	PublicURL    string      // where people open the page, if not at the listening address
	EmulatorEnv  string      // settings file of an emulator, which becomes the cloud "custom"; empty: Microsoft's clouds
	EnvFile      string      // where EVERCRED_URL and EVERCRED_TOKEN are written; empty: DataDir/evercred.env
	EnvExtra     [][2]string // further lines of EnvFile
	ClientID     string      // of sign-ins; empty: the Azure CLI's
	SignInTenant string      // where people sign in if no tenant is named; empty: at their own
	Logger       *slog.Logger

	RoleSet         []string      // Azure roles of new accounts that name none; empty: account.DefaultRoleSet
	SkipAzureGate   bool          // do not ask that a person who signs in may assign roles
	Proofs          int           // good token answers in a row that prove a credential; 0: 3
	ProofSpread     time.Duration // from the first of these answers to the last; 0: 2 s, negative: at once
	Propagation     time.Duration // how long "not yet replicated" is waited out; 0: 10 min
	WritesPerSecond float64       // to Microsoft, for one tenant; 0: 10

	// Certify makes keys and certificates of accounts, for tests that bring keys along; nil: new RSA keys of 3072 bits.
	Certify func(subject string, start, end time.Time) (*certificate.Bundle, error)
}

// App is one Evercred server.
type App struct {
	config   Config
	store    *store.Store
	engine   *renewal.Engine
	authn    *authn.Authenticator
	clock    clock.Clock
	listener net.Listener
	server   *http.Server
	url      string
}

// New opens the data folder and the listening socket. Close it, also after Run.
func New(ctx context.Context, c Config) (_ *App, err error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	a := &App{config: c}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	clouds, err := a.openClouds()
	if err != nil {
		return nil, err
	}
	if err := a.openStore(ctx); err != nil {
		return nil, err
	}
	a.engine, err = renewal.New(renewal.Config{
		Store: a.store, Clouds: clouds, Clock: a.clock, Logger: c.Logger, ClientID: c.ClientID, SignInTenant: c.SignInTenant, PublicURL: c.PublicURL, WritesPerSecond: c.WritesPerSecond,
		RoleSet: c.RoleSet, SkipGate: c.SkipAzureGate, Proofs: c.Proofs, ProofSpread: c.ProofSpread, Propagation: c.Propagation,
		Certify: c.Certify,
	})
	if err != nil {
		return nil, err
	}
	if err := a.listen(ctx); err != nil {
		return nil, err
	}
	handler, err := a.handler()
	if err != nil {
		return nil, err
	}
	a.server = &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(c.Logger.Handler(), slog.LevelWarn),
	}
	return a, a.writeEnv(ctx)
}

func (a *App) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if a.listener, err = lc.Listen(ctx, "tcp", a.config.Listen); err != nil {
		return fault.BadField("listen", "The address "+a.config.Listen+" cannot be listened on: "+err.Error()+".", "Choose another with --listen, or stop what uses it.").WithCause(err)
	}
	a.url = "http://" + reachable(a.listener.Addr())
	return nil
}

// reachable is an address that a browser on this machine can open: "all interfaces" is none.
func reachable(at net.Addr) string {
	if tcp, ok := at.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
	}
	return at.String()
}

// handler is the API below /api/, and the page everywhere else.
func (a *App) handler() (http.Handler, error) {
	base := a.config.PublicURL
	if base == "" {
		base = a.url
	}
	var err error
	if a.authn, err = authn.New(authn.Config{Store: a.store, BaseURL: base, Logger: a.config.Logger}); err != nil {
		return nil, err
	}
	rest, err := api.New(api.Config{Engine: a.engine, Authn: a.authn, Answers: a.store, Logger: a.config.Logger, Version: Version, Demo: a.config.Demo})
	if err != nil {
		return nil, err
	}
	page, err := web.New(ui.Dist())
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", rest)
	mux.Handle("/healthz", rest)
	root, err := api.Callback(a.authn.BaseURL(), page)
	if err != nil {
		return nil, err
	}
	mux.Handle("/", root)
	return mux, nil
}

func (a *App) openStore(ctx context.Context) error {
	path := filepath.Join(a.config.DataDir, "evercred.db")
	there, err := store.Exists(path)
	if err != nil {
		return err
	}
	keys, err := seal.LoadKey(filepath.Join(a.config.DataDir, "key"), there)
	if err != nil {
		return err
	}
	a.store, err = store.Open(ctx, store.Config{Path: path, Keys: keys, Clock: a.clock, Logger: a.config.Logger})
	return err
}

// openClouds chooses the clouds and the clock: Microsoft's and the wall clock, or an emulator's.
func (a *App) openClouds() ([]cloud.Cloud, error) {
	if a.config.EmulatorEnv == "" {
		a.clock = clock.System{}
		return cloud.Known(), nil
	}
	env, err := readEnv(a.config.EmulatorEnv)
	if err != nil {
		return nil, err
	}
	custom, err := cloud.Custom(env["BASE_URL"], env["CA_FILE"])
	if err != nil {
		return nil, fault.BadField("emulator_env", "The file "+a.config.EmulatorEnv+" names no emulator: "+err.Error()+".", "Give the emulator.env that `evercred emulator` wrote.")
	}
	custom.ControlURL = custom.Login + "/_emulator/clock"
	custom.Pages = "http" + strings.TrimPrefix(custom.Login, "https") // a person's browser does not know the emulator's CA
	transport, err := custom.Transport()
	if err != nil {
		return nil, fault.BadField("emulator_env", err.Error()+".", "Start `evercred emulator` first; it writes the CA file.").WithCause(err)
	}
	a.clock, err = clock.Follow(custom.ControlURL, filepath.Join(a.config.DataDir, "clock-offset"), &http.Client{Transport: transport})
	if err != nil {
		return nil, err
	}
	return []cloud.Cloud{custom}, nil
}

// URL is where the REST API answers.
func (a *App) URL() string { return a.url }

// EnvFile is where the address and a token were written.
func (a *App) EnvFile() string {
	if a.config.EnvFile != "" {
		return a.config.EnvFile
	}
	return filepath.Join(a.config.DataDir, "evercred.env")
}

// Run serves until ctx ends, or until serving fails. Operations stop at a point from which they go on at the next start.
func (a *App) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	if f, ok := a.clock.(*clock.Following); ok {
		_ = f.Read(ctx) // an emulator that is away leaves the offset of last time
		work.Go(func() { f.Run(ctx) })
	}
	failed := make(chan error, 2)
	work.Go(func() { failed <- a.engine.Run(ctx) })
	work.Go(func() { jobs.Run(ctx, a.engine, a.config.Logger) })
	work.Go(func() { a.authn.Run(ctx) })
	work.Go(func() { failed <- a.server.Serve(a.listener) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop()
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer done()
	if a.server.Shutdown(grace) != nil {
		_ = a.server.Close()
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Close lets go of the socket and the database.
func (a *App) Close() error {
	var err error
	if a.listener != nil {
		if e := a.listener.Close(); e != nil && !errors.Is(e, net.ErrClosed) {
			err = e
		}
	}
	if a.store != nil {
		err = errors.Join(err, a.store.Close())
	}
	return err
}

// Ready says where the server is, and how to open its page. The server itself prints no login code: what is printed at a
// start is kept in a service's log.
func (a *App) Ready() string {
	return "Evercred at " + a.url + "; address and token in " + a.EnvFile() + "\n" +
		"To open the page, run `" + program() + " web --env-file " + a.EnvFile() + "`: it prints an address that signs you in."
}

func (a *App) admin() account.Caller { return account.Caller{Name: "admin", Via: "setup"} }
