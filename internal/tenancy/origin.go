package tenancy

import "context"

// Origin is where a request comes from, for the trail. Whatever isn't known of it is empty.
type Origin struct {
	// Operator is who acts where it is no user and no register of the company.
	Operator string `json:"operator,omitempty"`
	// Address is the client's network address, Request the request's id, and Operation the name that the client gave to
	// what it asks for.
	Address   string `json:"address,omitempty"`
	Request   string `json:"request,omitempty"`
	Operation string `json:"operation,omitempty"`
}

type originKey struct{}

// WithOrigin puts into ctx where its request comes from.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginOf says where the request of ctx comes from, as far as that is known.
func OriginOf(ctx context.Context) Origin {
	o, _ := ctx.Value(originKey{}).(Origin)
	return o
}
