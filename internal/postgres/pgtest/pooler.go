package pgtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pooler starts a PgBouncer in transaction mode, with so many connections to the test's database for everybody together,
// and gives the server's way in through it. On a machine without one the test is skipped, and says so.
func (d *Database) Pooler(t testing.TB, size int) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			t.Skip("there is no pgbouncer on this machine: Debian's package of that name has it")
		}
	}
	to, err := pgx.ParseConfig(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "pgbouncer-") //nolint:usetesting // a test's own folder has a name too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	const port = 6432
	config := fmt.Sprintf(`[databases]
%[1]s = host=%[2]s port=%[3]d dbname=%[1]s
[pgbouncer]
listen_port = %[4]d
unix_socket_dir = %[5]s
auth_type = trust
auth_file = %[5]s/users
pool_mode = transaction
default_pool_size = %[6]d
max_client_conn = 500
`, d.Name, to.Host, to.Port, port, dir, size)
	ini := filepath.Join(dir, "pgbouncer.ini")
	for name, text := range map[string]string{ini: config, filepath.Join(dir, "users"): `"` + LoginRole + `" ""` + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil { //nolint:gosec // for its process, which is another user's
			t.Fatal(err)
		}
	}
	// The shell ends it with this process, however that ends: then nobody holds the other end of its input.
	const script = `"$0" -q "$1" & read -r _; kill -9 $!; wait`
	run(t, exec.CommandContext(context.WithoutCancel(t.Context()), "/bin/sh", "-c", script, program, ini), dir, to.Host) //nolint:gosec // the machine's own
	through := url.URL{Scheme: "postgres", User: url.User(LoginRole), Path: "/" + d.Name, RawQuery: url.Values{
		"host": {dir}, "port": {fmt.Sprint(port)}, "sslmode": {"disable"},
	}.Encode()}
	waitFor(t, filepath.Join(dir, fmt.Sprintf(".s.PGSQL.%d", port)))
	return through.String()
}

// run starts a process that ends with the test. It refuses to be root's, and so is the user's whose database it is.
func run(t testing.TB, command *exec.Cmd, dir, database string) {
	t.Helper()
	if err := asOwnerOf(command, database, dir); err != nil {
		t.Fatal(err)
	}
	output := &tail{}
	command.Stdout, command.Stderr = output, output
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("start %s: %v", command.Path, err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s: %s", command.Path, output)
		}
	})
}

// waitFor waits until somebody listens on a socket.
func waitFor(t testing.TB, socket string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("nobody listens on %s: %v", socket, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// tail keeps the end of what a process prints.
type tail struct{ text []byte }

// Write implements io.Writer.
func (w *tail) Write(b []byte) (int, error) {
	const most = 4000
	w.text = append(w.text, b...)
	w.text = w.text[max(0, len(w.text)-most):]
	return len(b), nil
}

// String is what was kept.
func (w *tail) String() string { return string(w.text) }
