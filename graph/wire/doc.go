// Package wire is GraphQL over HTTP, as https://graphql.github.io/graphql-over-http/draft/ has it: how an operation is
// read from a request, in which media type and with which status it is answered, and what a variable's value may be.
//
// A request that holds no operation is a 4xx with every media type. An operation that can't begin (it doesn't parse,
// isn't valid, costs too much) is a 200 for who asks for application/json, and a 400 for who asks for
// application/graphql-response+json, where only a GraphQL server can have said so. Neither has data, not even null.
//
// A page of another origin can't send one without being asked first: a POST needs the content type application/json,
// which forces a preflight, a GET runs queries alone, and credentials are headers, never cookies.
package wire
