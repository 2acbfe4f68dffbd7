package wire

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/tillgraph/tillgraph/internal/app"
)

// ReadManifests reads the documents that code generators have listed: every .json file of a folder, one for each
// front end, whose name is the app's. An id stands for one document in all of them.
func ReadManifests(folder fs.FS) (map[string]map[string]string, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list the manifests: %w", err)
	}
	apps, all := map[string]map[string]string{}, map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read a manifest: %w", err)
		}
		documents, err := app.ReadManifest(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		for id, document := range documents {
			if other, known := all[id]; known && other != document {
				return nil, fmt.Errorf("%s: the id %s stands for another document in another manifest", path.Base(name), id) //nolint:err113 // said once
			}
			all[id] = document
		}
		apps[strings.TrimSuffix(path.Base(name), ".json")] = documents
	}
	return apps, nil
}
