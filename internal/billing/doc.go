// Package billing hears from whoever sends the bills, by signed messages: a company is to be made, has another plan, is
// suspended or reinstated.
//
// A message is a POST with the header
//
//	Tillgraph-Signature: t=1700000000,v1=5257a869...
//
// t being seconds since 1970 and v1 the hexadecimal HMAC-SHA256 of t, a dot and the body. What is older or newer than
// five minutes is refused; who sends it again signs it anew. Each event has an id: told again it does nothing, and one
// that comes after a later one of its kind is kept and not applied.
package billing
