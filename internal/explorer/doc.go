// Package explorer serves GraphiQL, the page in which a person reads the
// schema's documentation and tries operations, with a field for the bearer
// token, the demo tokens one click away, and a list of example operations.
//
// # Which GraphiQL, and why
//
// GraphiQL 4.1.2 with React 18.3.1. Both ship a browser build inside their npm
// package: one script and one style sheet that need no bundler. The bytes that
// npm installs are therefore the bytes that an npm CDN serves, one integrity
// hash holds for both, and the page is the same with and without a build.
//
// GraphiQL 5 is where new features go, and has no such build. Its page from a
// CDN takes modules that esm.sh assembles on request, whose own imports carry
// no integrity, and workers from another origin; its page without a network
// needs a bundler and several megabytes of Monaco. What it adds (VS Code's
// editor) is not what this page is for, while 4.1.2, the last version with a
// browser build, knows the language that this server speaks (graphql-js
// 16.11, one-of inputs and deprecated arguments included). The policy below
// does not rest on its authors: it can load and reach nothing else. The choice
// is to be looked at again when a later GraphiQL ships a browser bundle.
//
// # Where the files come from
//
// GraphiQL and React are other people's code and are not committed. The list
// of what is taken, with version and integrity, is pinned.json; both the
// server and the build read it.
//
//	npm ci --prefix internal/explorer && npm run build --prefix internal/explorer
//
// installs what package-lock.json says, checks each file against pinned.json
// and copies it into assets/, which git ignores and the binary embeds. A binary
// built after that serves the page with no network. Without it the page names
// the same files at a CDN, with the same hashes, so that a plain `go run .`
// works too. The folders in assets/ carry the version: a folder left over from
// an older pin is simply not the one that is looked for.
//
// To move to another version: npm install --prefix internal/explorer
// --save-exact --omit-lockfile-registry-resolved NAME@VERSION, then
// npm run pin --prefix internal/explorer, which writes pinned.json anew.
//
// # What the page may do
//
// The page holds tokens, so its Content-Security-Policy lets it run only the
// server's own scripts (and, without the build, the pinned files at the CDN,
// by their full address) and talk only to the endpoint. A token typed or
// chosen stays in the tab's sessionStorage; it is never put in an address, and
// GraphiQL is told to keep no headers. The page itself may carry demo tokens
// and is never cached.
package explorer
