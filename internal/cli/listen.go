package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"
)

const (
	// service is how a server of ours names itself at /healthz.
	serviceHeader = "X-Service"
	service       = "tillgraph"

	probeTimeout = time.Second
)

// listen takes the address first of all: where it is taken, nothing else needs to be started.
func listen(ctx context.Context, address string) (net.Listener, error) {
	const name = "--listen (LISTEN)"
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, usagef("%s is no address such as 127.0.0.1:8080 or :8080: %q", name, address)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		who := "another program"
		if ours(ctx, address) {
			who = "another tillgraph"
		}
		return nil, fmt.Errorf("%s already serves on %s: stop it, or choose another address with %s", who, address, name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return listener, nil
}

// ours asks who has the address.
func ours(ctx context.Context, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(address)+"/healthz", http.NoBody)
	if err != nil {
		return false
	}
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return false
	}
	defer answer.Body.Close() //nolint:errcheck // only its head is looked at
	return answer.Header.Get(serviceHeader) == service
}

// reachable gives an address to connect to for one that was listened on.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
