package billing

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/signup"
)

// Path is where messages come to.
const Path = "/webhooks/billing"

// mostBody bounds a message.
const mostBody = 64 << 10

// Hook hears messages.
type Hook struct {
	DB      *postgres.DB
	SignUps *signup.SignUps
	// Secrets sign messages; any of them does.
	Secrets []string
	Logger  *slog.Logger
	Now     func() time.Time
	// Timeout ends what a message asks for.
	Timeout time.Duration
}

type answer struct {
	Result   Result  `json:"result,omitempty"`
	Code     string  `json:"code,omitempty"`
	Message  string  `json:"message,omitempty"`
	Problems []wrong `json:"problems,omitempty"`
}

// wrong is a problem as it is told.
type wrong struct {
	Code    string   `json:"code"`
	Field   []string `json:"field"`
	Message string   `json:"message"`
}

// ServeHTTP implements http.Handler. What can be right when it is sent again is answered with 5xx, or with 404 where the
// company's sign-up is still to come.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), h.Timeout)
	defer cancel()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	status, said := h.hear(ctx, w, r)
	h.Logger.InfoContext(ctx, "billing", "status", status, "result", string(said.Result), "code", said.Code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(said)
}

func (h *Hook) hear(ctx context.Context, w http.ResponseWriter, r *http.Request) (int, answer) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return http.StatusMethodNotAllowed, answer{Code: "METHOD_NOT_ALLOWED", Message: "Events are posted."}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if err != nil {
		return http.StatusRequestEntityTooLarge, answer{Code: "TOO_LARGE", Message: "An event has at most 64 KiB."}
	}
	// Several headers are one that a proxy would have joined; none of them is to be chosen.
	if values := r.Header.Values(SignatureHeader); len(values) != 1 || check(h.Secrets, values[0], body, h.Now()) != nil {
		return http.StatusUnauthorized, answer{Code: "INVALID_SIGNATURE", Message: "The signature is not valid, or too old."}
	}
	result, err := h.apply(ctx, body)
	if err == nil {
		return http.StatusOK, answer{Result: result}
	}
	if problems, ok := errors.AsType[errs.Problems](err); ok {
		said := answer{Code: problems[0].Code, Message: problems[0].Message}
		for _, p := range problems {
			said.Problems = append(said.Problems, wrong{p.Code, p.Field, p.Message})
		}
		switch problems[0].Code {
		case form.NotFound:
			return http.StatusNotFound, said
		case "EVENT_ID_REUSED", "SLUG_TAKEN":
			return http.StatusConflict, said
		default:
			return http.StatusUnprocessableEntity, said
		}
	}
	switch errs.CodeOf(err) {
	case errs.BadUserInput:
		return http.StatusBadRequest, answer{Code: string(errs.BadUserInput), Message: "The body is no event."}
	case errs.Unavailable, errs.Timeout:
		return http.StatusServiceUnavailable, answer{Code: string(errs.Unavailable), Message: "Send it again in a moment."}
	default:
	}
	h.Logger.ErrorContext(ctx, "an event failed", "error", err)
	return http.StatusInternalServerError, answer{Code: string(errs.Internal), Message: "Something went wrong. Send it again."}
}
