package graph

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/money"
)

// presenter says to the client what an error means and to the log what it was. What has no code is internal: the
// client learns the request's id and nothing else.
func presenter(logger *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := &gqlerror.Error{Path: graphql.GetPath(ctx), Extensions: map[string]any{}}
		var positioned *gqlerror.Error
		if errors.As(err, &positioned) {
			shown.Path, shown.Locations = positioned.Path, positioned.Locations
		}
		code, message := say(err, positioned, inArgument(ctx, positioned))
		if requestOf(ctx).void() {
			return shown // it reaches nobody
		}
		if code == errs.Internal && !errors.Is(err, context.Canceled) {
			logger.ErrorContext(ctx, "a field failed", "error", err, "path", shown.Path.String())
		}
		if code == errs.Unavailable || code == errs.Timeout {
			logger.WarnContext(ctx, "a field failed", "error", err, "path", shown.Path.String())
		}
		if positioned != nil && positioned.Extensions["field"] != nil {
			shown.Extensions["field"] = positioned.Extensions["field"]
		}
		shown.Message = message
		shown.Extensions["code"] = string(code)
		if request := requestOf(ctx); request != nil {
			request.failed(string(code))
			shown.Extensions["requestId"] = request.id
		}
		return shown
	}
}

// inArgument says that an error is about an argument that doesn't fit its scalar: its path goes on behind the field.
func inArgument(ctx context.Context, positioned *gqlerror.Error) bool {
	field := graphql.GetFieldContext(ctx)
	return positioned != nil && field != nil && len(positioned.Path) > len(field.Path())
}

func say(err error, positioned *gqlerror.Error, argument bool) (errs.Code, string) {
	var known *errs.Error
	if errors.As(err, &known) && known.Code != errs.Internal {
		return known.Code, known.Message
	}
	for _, sentinel := range []error{
		money.ErrMalformed, money.ErrNotString, money.ErrTooPrecise, money.ErrTooLarge, money.ErrUnknownCurrency,
	} {
		if errors.Is(err, sentinel) {
			return errs.BadUserInput, "This value is refused: " + sentinel.Error() + "."
		}
	}
	if positioned != nil {
		if code, ok := positioned.Extensions["code"].(string); ok {
			// The parser's and the validator's own words are about the document.
			return errs.Code(code), positioned.Message
		}
		if argument {
			return errs.BadUserInput, "This value does not fit the type of its field."
		}
	}
	return errs.Internal, "Something went wrong on our side. Quote the request id when you report it."
}

// recoverer turns a panic of a resolver into an internal error.
func recoverer(logger *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, thrown any) error {
		logger.ErrorContext(ctx, "a resolver panicked", "panic", thrown, "stack", string(debug.Stack()))
		return errs.New(errs.Internal, "a resolver panicked")
	}
}
