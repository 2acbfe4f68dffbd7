package catalog

import (
	"slices"
	"strings"

	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/form"
)

const (
	mostOptions   = 3
	longestOption = 50
	longestValue  = 100
)

// ProductOption is what a variant has for one of its product's options.
type ProductOption struct {
	Name, Value string
}

// Options pairs a variant's values with the names that its parent gives them.
func (p *Product) Options(parent *Product) []*ProductOption {
	options := make([]*ProductOption, min(len(parent.OptionNames), len(p.OptionValues)))
	for i := range options {
		options[i] = &ProductOption{Name: parent.OptionNames[i], Value: p.OptionValues[i]}
	}
	return options
}

// checkOptions reads the names or the values of options.
func checkOptions(problems *errs.Problems, texts []string, most int, field string) []string {
	if len(texts) > mostOptions {
		problems.Add(form.Invalid, []string{field}, "A product has at most %d options.", mostOptions)
		return []string{}
	}
	checked := make([]string, len(texts))
	for i, text := range texts {
		checked[i] = form.Text(problems, text, 1, most, field, i)
	}
	return checked
}

// vary gives a variant its values.
func (p *Product) vary(values []string) {
	p.OptionValues, p.VariantKey = values, nil
	if p.ParentID != nil {
		key := variantKey(values)
		p.VariantKey = &key
	}
}

// variantKey is the same for values that differ only in case and accents.
func variantKey(values []string) string {
	const separator = "\x1f" // which no value holds
	folded := make([]string, len(values))
	for i, value := range values {
		folded[i] = fold(value)
	}
	return strings.Join(folded, separator)
}

// checkKind checks that a product is one of: sold by itself, sold through its variants, a variant.
func (p *Product) checkKind(problems *errs.Problems) {
	if p.ParentID == nil && len(p.OptionValues) > 0 {
		problems.Add(form.Invalid, []string{"optionValues"}, "Only a variant of another product has option values.")
	}
	if p.ParentID != nil && p.HasVariants() {
		problems.Add(form.Invalid, []string{"optionNames"}, "A variant has no variants of its own.")
	}
	for i, name := range p.OptionNames {
		same := func(other string) bool { return fold(other) == fold(name) }
		if slices.ContainsFunc(p.OptionNames[:i], same) {
			problems.Add(form.Invalid, errs.Path("optionNames", i), "This option stands here twice.")
		}
	}
}

// checkVariant compares a variant with its parent and the parent's other variants.
func (f *found) checkVariant(problems *errs.Problems, p *Product) {
	switch {
	case p.ParentID == nil:
	case f.parent == nil:
		problems.Add("PARENT_NOT_FOUND", []string{"parentId"}, "There is no such product.")
	case !f.parent.HasVariants():
		problems.Add(form.Invalid, []string{"parentId"}, "That product has no options for its variants to differ in.")
	case len(p.OptionValues) != len(f.parent.OptionNames):
		problems.Add(form.Invalid, []string{"optionValues"}, "A variant of that product has a value for each of: %s.",
			strings.Join(f.parent.OptionNames, ", "))
	case f.sibling != nil:
		problems.Add(form.Taken, []string{"optionValues"}, "Another variant has these values already.")
	}
}
