// Package app has the front ends of a company's own, and the documents that they have registered: what a front end asks
// with is known when it is built, and a company may have nothing else answered.
//
// A document is registered by the manifest that a code generator writes, held to the schema then, and never changes: its
// id stands for it in all apps of the company, and for nobody else. So a server may keep what it has found for as long as
// the company's configuration has one version.
package app
