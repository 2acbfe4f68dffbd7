package loader

import "context"

// Watch is told of each batch: how many keys it looks up, and how that ended. The look-up goes on with its context.
type Watch func(ctx context.Context, keys int) (context.Context, func(error))

type watchKey struct{}

// WithWatch lets w watch the batches of a request.
func WithWatch(ctx context.Context, w Watch) context.Context {
	return context.WithValue(ctx, watchKey{}, w)
}

func watch(ctx context.Context, keys int) (context.Context, func(error)) {
	if w, ok := ctx.Value(watchKey{}).(Watch); ok {
		return w(ctx, keys)
	}
	return ctx, func(error) {}
}
