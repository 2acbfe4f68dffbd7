package cli

import (
	"fmt"

	"github.com/tillgraph/tillgraph/graph"
)

// schemaCommand prints the published schema.
type schemaCommand struct{}

// Run needs no database.
func (schemaCommand) Run(p *process) error {
	text, err := graph.SDL()
	if err != nil {
		return fmt.Errorf("render the schema: %w", err)
	}
	return say(p.stdout, "%s", text)
}
