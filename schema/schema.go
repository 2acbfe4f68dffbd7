// Package schema holds the GraphQL contract, one file a domain, embedded so that the server can publish the very
// text that it was generated from.
package schema

import "embed"

// Files are the schema's sources.
//
//go:embed *.graphqls
var Files embed.FS
