package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// ErrNoManifest comes back for a file that lists no documents.
var ErrNoManifest = errors.New("a manifest is a JSON object of documents by id, or Apollo's list of operations")

// ReadManifests reads the documents that code generators have listed: every .json file of a folder, one for each
// front end. It takes an object of documents by id, such as graphql-codegen's persisted-documents.json and Relay's
// persisted queries are, and Apollo's manifest, which is a list of operations.
func ReadManifests(folder fs.FS) (map[string]string, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list the manifests: %w", err)
	}
	documents := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read a manifest: %w", err)
		}
		if err := readManifest(text, documents); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return documents, nil
}

func readManifest(text []byte, into map[string]string) error {
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
		return ErrNoManifest
	}
	for id, document := range plain {
		switch other, known := into[id]; {
		case id == "" || document == "":
			return fmt.Errorf("%w: an id or a document is empty", ErrNoManifest)
		case known && other != document:
			return fmt.Errorf("the id %s stands for another document in another manifest", id) //nolint:err113 // said once
		}
		into[id] = document
	}
	return nil
}
