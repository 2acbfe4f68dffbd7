package graph

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/tillgraph/tillgraph/schema"
)

// SDL is the published schema: the sources without what concerns the Go code alone.
func SDL() (string, error) {
	names, err := fs.Glob(schema.Files, "*.graphqls")
	if err != nil {
		return "", fmt.Errorf("list the schema: %w", err)
	}
	var text strings.Builder
	for _, name := range names {
		source, err := schema.Files.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read the schema: %w", err)
		}
		text.Write(source)
		text.WriteByte('\n')
	}
	return text.String(), nil
}
