// Package emulator is a local Microsoft cloud for application identities: Entra ID, Microsoft Graph and Azure Resource
// Manager on one TLS origin, with a seeded tenant, a clock that can be moved and faults on demand. Clients whose endpoints
// cannot be set reach it by Microsoft's own host names, through the proxy that it is on the same port.
//
// It is for development and tests on one machine: its people need no passwords, and whoever reaches its port can move
// its clock. It keeps hashes of the secrets that it issues; the one exception is emulator.env, which is how a shell or
// a test comes to the test application's secret. Package emulatortest starts one for a Go test.
package emulator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/evercred/evercred/emulator/internal/arm"
	"github.com/evercred/evercred/emulator/internal/control"
	"github.com/evercred/evercred/emulator/internal/directory"
	"github.com/evercred/evercred/emulator/internal/entra"
	"github.com/evercred/evercred/emulator/internal/graph"
	"github.com/evercred/evercred/emulator/internal/identityendpoint"
	"github.com/evercred/evercred/emulator/internal/issuer"
	"github.com/evercred/evercred/emulator/internal/proxy"
	"github.com/evercred/evercred/emulator/internal/seed"
	"github.com/evercred/evercred/emulator/internal/token"
)

// EnvName is the file in the data folder that tells clients how to reach the emulator.
const EnvName = "emulator.env"

// Config says where the emulator listens and keeps its state.
type Config struct {
	Listen string       // host:port; port 0 takes the data folder's last port, or a free one. Default 127.0.0.1:0
	Data   string       // folder, made if missing; empty: a temporary one, removed by Close
	Logger *slog.Logger // nil: silent

	Scenario string    // how the cloud behaves, see Scenarios; empty: as the data folder has it, calm at first
	Seed     uint64    // of all chance in the scenario: the same seed, the same misfortunes; 0: the scenario's own
	Now      time.Time // where the emulator's clock starts; zero: the wall clock, or where the data folder left it

	// PollInterval is what clients of the device code flow are told to wait between two questions, in whole seconds; 0: 5 s, as
	// Microsoft does. Who waits for a test or a demonstration need not wait for that.
	PollInterval time.Duration
}

// Server is a running emulator.
type Server struct {
	logger    *slog.Logger
	folder    *folder
	store     *directory.Store
	authority *authority
	keys      *keys
	front     *front
	issuers   *http.Transport    // to outside issuers of tokens
	stop      context.CancelFunc // ends what requests wait for
	port      int
	env       map[string]string
	closeOnce sync.Once
	closeErr  error
	closing   chan struct{}
	done      chan struct{}
}

// Start runs an emulator until Close or until ctx ends. When it returns, clients can connect and emulator.env is
// written. A kill at any instant, of seeding too, leaves a data folder that the next Start can use.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	s := &Server{logger: c.Logger, closing: make(chan struct{}), done: make(chan struct{})}
	if err := s.start(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the emulator: %w", err), s.release())
	}
	go func() {
		select {
		case <-ctx.Done():
		case <-s.front.failed: // Wait returns why
		case <-s.closing:
		}
		_ = s.Close()
	}()
	return s, nil
}

func (s *Server) start(ctx context.Context, c Config) (err error) {
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %q: %w", c.Listen, err)
	}
	if err := checkScenario(c.Scenario); err != nil {
		return err
	}
	if s.folder, err = openFolder(ctx, c.Data); err != nil {
		return err
	}
	if s.store, err = directory.Open(s.folder.path); err != nil {
		return err
	}
	if err := startClock(s.store, c.Now); err != nil {
		return err
	}
	before, err := s.folder.readEnv()
	if err != nil {
		return err
	}
	keys, err := s.folder.openKeys(s.now(), c.Logger)
	if err != nil {
		return err
	}
	s.keys = keys
	if s.authority, err = openAuthority(s.folder, host); err != nil {
		return err
	}
	if err := seed.Fill(s.store, arm.BuiltInRoles()); err != nil {
		return fmt.Errorf("seeding the tenant: %w", err)
	}
	application, err := keys.application()
	if err != nil {
		return err
	}
	s.env, err = s.provision(before, application)
	if err != nil {
		return err
	}
	listeners, err := listen(ctx, c.Listen, lastPort(before))
	if err != nil {
		return err
	}
	s.port = portOf(listeners[0])
	s.env["BASE_URL"] = s.BaseURL()

	s.env["PROXY_URL"] = "http://" + strings.TrimPrefix(s.BaseURL(), "https://")
	s.env["MSI_ENDPOINT_URL"] = s.env["PROXY_URL"] + identityPath

	signer := keys.signer.WithOrigins(s.origins()...)
	baseURL := func(r *http.Request) string { return "https://" + s.hostOf(r) }
	requests, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.issuers = s.authority.transport()
	login := entra.New(entra.Config{
		Directory: s.store, Signer: signer, TenantID: seed.TenantID, BaseURL: baseURL, Logger: c.Logger,
		DeviceLoginURL: s.deviceLoginURL, Issuers: issuer.New(s.issuers), PollInterval: c.PollInterval,
	})
	controls := control.New(control.Config{Directory: s.store, SignIns: login, Logger: c.Logger})
	if c.Scenario != "" {
		if err := controls.Play(c.Scenario, c.Seed); err != nil {
			return fmt.Errorf("beginning the scenario %s: %w", c.Scenario, err)
		}
	}
	entraService := controls.Intercept("entra", login)
	graphService := controls.Intercept("graph", graph.New(graph.Config{
		Directory: s.store, Signer: signer, TenantID: seed.TenantID, BaseURL: baseURL, Logger: c.Logger,
	}))
	armService := controls.Intercept("arm", arm.New(arm.Config{
		Directory: s.store, Signer: signer, TenantID: seed.TenantID, BaseURL: baseURL, Logger: c.Logger,
	}))
	s.front = serve(requests, frontConfig{
		Listeners: listeners, TLS: s.authority.config(), Logger: c.Logger,
		Secure: routes{
			controls: http.NewCrossOriginProtection().Handler(controls), entra: entraService, graph: graphService, arm: armService,
			issuer: http.NewCrossOriginProtection().Handler(s.ownIssuer()),
		},
		Plain: func(tunnel func(net.Conn)) http.Handler {
			return plain{
				own:      signer.IsOrigin,
				proxy:    proxy.New(proxy.Config{Enter: tunnel, Own: signer.IsOrigin, Page: entraService, Logger: c.Logger}),
				identity: controls.Intercept("entra", s.identity(login)),
				entra:    entraService,
			}
		},
	})
	// Last of all: whoever sees the file can connect.
	if err := s.folder.write(EnvName, formatEnv(s.env)); err != nil {
		return err
	}
	c.Logger.DebugContext(ctx, "emulator ready", "url", s.BaseURL(), "data", s.folder.path)
	return nil
}

// hostOf is the host that a request asked for, which links in answers follow. The port of https goes without saying.
func (s *Server) hostOf(r *http.Request) string {
	if r.Host == "" {
		return strings.TrimPrefix(s.BaseURL(), "https://")
	}
	return strings.TrimSuffix(r.Host, ":443")
}

// origins are the addresses of the emulator under each of its names.
func (s *Server) origins() []string {
	var list []string
	for _, name := range s.authority.hosts {
		list = append(list, net.JoinHostPort(name, strconv.Itoa(s.port)))
	}
	return list
}

// ownIssuer is the issuer for tests of federated credentials. Its key is made when it is first asked for.
func (s *Server) ownIssuer() http.Handler {
	return issuer.NewOwn(issuer.OwnConfig{
		Signer:  sync.OnceValues(func() (*token.Signer, error) { return s.folder.signer(issuerFile) }),
		Now:     s.now,
		Address: func(r *http.Request) string { return "https://" + s.hostOf(r) + "/_emulator/issuer" },
		Logger:  s.logger,
	})
}

// identity has the endpoints of the seeded managed identity: App Service's, and a virtual machine's.
func (s *Server) identity(tokens identityendpoint.Tokens) http.Handler {
	m := seed.ManagedIdentity()
	endpoint := identityendpoint.New(identityendpoint.Config{
		Identity: identityendpoint.Identity{ClientID: m.ClientID, ObjectID: m.ObjectID, ResourceID: m.ResourceID},
		Header:   s.env["MSI_HEADER"], Tokens: tokens, Now: s.now, Logger: s.logger,
	})
	mux := http.NewServeMux()
	mux.Handle(identityPath, endpoint)
	mux.Handle(instancePath, endpoint.Instance())
	return mux
}

// deviceLoginURL is the page that a person is sent to: plain http, because a browser does not know the emulator's CA.
// A client that came by a real cloud's host name is sent to localhost, which is the only place that has the page.
func (s *Server) deviceLoginURL(r *http.Request) string {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err != nil || !s.authority.names(name) {
		host = strings.TrimPrefix(s.BaseURL(), "https://")
	}
	return "http://" + host + "/devicelogin"
}

// now is the emulator's clock.
func (s *Server) now() (now time.Time) {
	s.store.Read(func() { now = s.store.Now() })
	return now
}

// BaseURL is the one origin of all services: https://localhost:PORT.
func (s *Server) BaseURL() string { return fmt.Sprintf("https://localhost:%d", s.port) }

// DataDir is the folder with the state, an absolute path.
func (s *Server) DataDir() string { return s.folder.path }

// EnvFile is the path of emulator.env.
func (s *Server) EnvFile() string { return filepath.Join(s.folder.path, EnvName) }

// Env is what emulator.env says. It has the test application's secret: keep it out of logs.
func (s *Server) Env() map[string]string {
	env := make(map[string]string, len(s.env))
	maps.Copy(env, s.env)
	return env
}

// ReadyLine is the one line that a command prints once the emulator has started.
func (s *Server) ReadyLine() string {
	return fmt.Sprintf("Emulated Microsoft cloud at %s; settings in %s", s.BaseURL(), s.EnvFile())
}

// Wait returns when the emulator has ended: nil after Close or the end of Start's context.
func (s *Server) Wait() error {
	<-s.done
	return s.closeErr
}

// Close ends the emulator. Requests under way get two seconds. It may be called more than once.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		close(s.closing)
		s.closeErr = s.release()
		close(s.done)
	})
	<-s.done
	return s.closeErr
}

// release gives back what start took, as far as it came.
func (s *Server) release() error {
	var errs []error
	if s.stop != nil {
		s.stop()
	}
	if s.front != nil {
		errs = append(errs, s.front.close())
	}
	if s.issuers != nil {
		s.issuers.CloseIdleConnections()
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	if s.keys != nil {
		s.keys.work.Wait() // writes into the folder
	}
	if s.folder != nil {
		errs = append(errs, s.folder.close())
	}
	return errors.Join(errs...)
}

// portOf is the port that a listener has got.
func portOf(l net.Listener) int {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return 0
}
