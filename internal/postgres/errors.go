package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/tenancy"
)

// SQLSTATE codes that the house acts on. Errors are read by these and by the operation, never by a constraint's
// name.
const (
	uniqueViolation      = "23505"
	foreignKeyViolation  = "23503"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	queryCanceled        = "57014"

	undefinedFunction     = "42883"
	invalidSchemaName     = "3F000"
	insufficientPrivilege = "42501"

	// companySuspended is our own: the triggers company_sells raise it.
	companySuspended = "TG001"
	// notAsKnown is our own: tillgraph.enter and tillgraph.hold raise it.
	notAsKnown = "TG002"
)

// IsUnique says that a row with this key is there already.
func IsUnique(err error) bool { return state(err) == uniqueViolation }

// IsForeignKey says that a row refers to one that isn't there.
func IsForeignKey(err error) bool { return state(err) == foreignKeyViolation }

func state(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

func retriable(err error) bool {
	switch state(err) {
	case serializationFailure, deadlockDetected:
		return true
	}
	return false
}

const unavailable = "The database can't be reached. Try again in a moment."

// translate gives a database's failure the code that a client can act on; what it doesn't know stays internal.
func translate(err error) error {
	var known *errs.Error
	var problems errs.Problems
	var connect *pgconn.ConnectError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known), errors.As(err, &problems):
		return err
	case state(err) == companySuspended:
		// Between the request's beginning and its writing.
		return tenancy.ErrSuspended()
	case errors.As(err, &connect) && !errors.Is(err, context.Canceled):
		// Before the deadlines: one of them is the connection's own.
		return errs.Wrap(err, errs.Unavailable, unavailable)
	case errors.Is(err, context.DeadlineExceeded), state(err) == queryCanceled:
		return errs.Wrap(err, errs.Timeout, "The request took too long.")
	case errors.Is(err, context.Canceled):
		return err
	case lostConnection(err):
		return errs.Wrap(err, errs.Unavailable, unavailable)
	default:
		return err
	}
}

func isNetwork(err error) bool {
	var network *net.OpError
	var connect *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connect) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
