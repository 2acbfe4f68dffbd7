// Package demoday runs a shop's day against a server, as a till would: over HTTP, through the public graph alone.
//
// It signs in people, opens a shop of its own with goods, registers and prices, sells there from morning to evening in
// every way that there is, counts and closes the tills, and checks what the server says of it: each receipt, each
// figure of each Z report, the stock, the balances of customers and gift cards. What they should be it reckons itself
// from what it sent, in integers of its own. It knows nothing of the server's packages, so that a mistake of theirs
// isn't made twice; what it knows of rules is what the schema says.
//
// The figures of a Z report are compared three ways: with the script's own, and with the sums over the receipts, drawer
// movements and account payments that are read back.
//
// A day takes a few seconds. Its sales carry the times of the story in occurredAt; what the server dates by itself,
// such as the opening of a till, is of the moment. The shop stands in a time zone where the story's evening is now, so
// that all of it happened today.
package demoday
