package demoday

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// client asks a server as one person or one register.
type client struct {
	http       *http.Client
	url, token string
}

type vars = map[string]any

// as is the same server for somebody else.
func (c client) as(token string) client {
	c.token = token
	return c
}

// mostAnswer bounds what is read of an answer.
const mostAnswer = 16 << 20

// refusal is why the server did not do something: user errors of a mutation, or an error of the operation.
type refusal []struct {
	Code, Message string
	Field         []string
	// What some codes say beside.
	AmountDue, BalanceAvailable, MaximumDiscount *minor
	QuantityAvailable, QuantityReturnable        *string
	NextReceiptNumber                            *int64
}

// Error gives all of them.
func (r refusal) Error() string {
	var texts []string
	for _, e := range r {
		texts = append(texts, fmt.Sprintf("%s at %s: %s", e.Code, strings.Join(e.Field, "."), e.Message))
	}
	return strings.Join(texts, "; ")
}

// said is the number that the first of them says beside its code, "" where there is none.
func (r refusal) said() string {
	e := r[0]
	for _, m := range []*minor{e.AmountDue, e.BalanceAvailable, e.MaximumDiscount} {
		if m != nil {
			return amount(int64(*m))
		}
	}
	for _, q := range []*string{e.QuantityAvailable, e.QuantityReturnable} {
		if q != nil {
			return *q
		}
	}
	if e.NextReceiptNumber != nil {
		return strconv.FormatInt(*e.NextReceiptNumber, 10)
	}
	return ""
}

// ask sends an operation and reads its data.
func (c client) ask(ctx context.Context, query string, variables vars, into any) error {
	body, err := json.Marshal(vars{"query": query, "variables": variables})
	if err != nil {
		return fmt.Errorf("write the request: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("ask the server: %w", err)
	}
	defer response.Body.Close() //nolint:errcheck // only read from
	raw, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return read(raw, response.StatusCode, into)
}

// read takes an answer apart.
func read(raw []byte, status int, into any) error {
	var answer struct {
		Data   json.RawMessage
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the server answers %d with something that is no GraphQL: %.100q", status, raw)
	}
	if len(answer.Errors) > 0 {
		var r refusal
		for _, e := range answer.Errors {
			r = append(r, refusal{{Code: e.Extensions.Code, Message: e.Message}}...)
		}
		return r
	}
	if err := json.Unmarshal(answer.Data, into); err != nil {
		return fmt.Errorf("read the data: %w", err)
	}
	return nil
}

// change sends a mutation whose one field is called done, and reads its payload. User errors are a refusal.
func (c client) change(ctx context.Context, mutation string, variables vars, into any) error {
	var data struct{ Done json.RawMessage }
	if err := c.ask(ctx, mutation, variables, &data); err != nil {
		return err
	}
	var payload struct{ UserErrors refusal }
	if err := json.Unmarshal(data.Done, &payload); err != nil {
		return fmt.Errorf("read the user errors: %w", err)
	}
	if len(payload.UserErrors) > 0 {
		return payload.UserErrors
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(data.Done, into); err != nil {
		return fmt.Errorf("read the payload: %w", err)
	}
	return nil
}

// refusedWith is the refusal that an error is, nil where it is none.
func refusedWith(err error) refusal {
	var r refusal
	errors.As(err, &r)
	return r
}
