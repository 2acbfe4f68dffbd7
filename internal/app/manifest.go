package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ErrNoManifest comes back for a text that lists no documents.
var ErrNoManifest = errors.New("a manifest is a JSON object of documents by id, or Apollo's list of operations")

// sha256Prefix stands before an id that is the hash of its document.
const sha256Prefix = "sha256:"

// identifier is what a document may be named by: what an address can hold as it is.
var identifier = regexp.MustCompile(`^[A-Za-z0-9._~:-]{1,200}$`)

// IsID says whether a document may have a name.
func IsID(name string) bool { return identifier.MatchString(name) }

// Hash is the SHA-256 of a document in hex.
func Hash(document string) string {
	sum := sha256.Sum256([]byte(document))
	return hex.EncodeToString(sum[:])
}

// ReadManifest reads the documents that a code generator has listed, by id. It takes an object of documents by id, such as
// graphql-codegen's persisted-documents.json and Relay's persisted queries are, and Apollo's manifest, which is a list of
// operations. A prefix sha256: before an id is taken off, once the id was found to be the document's hash.
//
// Errors: ErrNoManifest.
func ReadManifest(text []byte) (map[string]string, error) {
	var apollo struct {
		Format     string `json:"format"`
		Operations []struct {
			ID   string `json:"id"`
			Body string `json:"body"`
		} `json:"operations"`
	}
	plain := map[string]string{}
	if json.Unmarshal(text, &apollo) == nil && apollo.Format != "" && len(apollo.Operations) > 0 {
		for _, operation := range apollo.Operations {
			plain[operation.ID] = operation.Body
		}
	} else if json.Unmarshal(text, &plain) != nil || len(plain) == 0 {
		return nil, ErrNoManifest
	}
	documents := make(map[string]string, len(plain))
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		document := plain[name]
		own, hashed := strings.CutPrefix(name, sha256Prefix)
		switch {
		case !IsID(name):
			return nil, fmt.Errorf("%w: an id has letters, digits and -._~: alone, and at most 200 of them", ErrNoManifest)
		case document == "":
			return nil, fmt.Errorf("%w: the document of %s is empty", ErrNoManifest, name)
		case hashed && own != Hash(document):
			return nil, fmt.Errorf("%w: %s isn't the hash of its document", ErrNoManifest, name)
		}
		documents[own] = document
	}
	return documents, nil
}
