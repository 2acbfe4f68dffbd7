package reading

import (
	"reflect"
	"slices"
)

// Misread names the fields whose methods read more of a row than the columns that are read for them. Fill fills in a
// row, with other values each time.
func (t *Table) Misread(fill func(row any)) []string {
	var names []string
	for _, of := range t.types {
		for name, f := range of.fields {
			if of.made || f.scalar == nil && f.amount == nil {
				continue
			}
			full, read := reflect.New(of.model), reflect.New(of.model)
			fill(full.Interface())
			for _, column := range f.columns {
				from := of.table.FieldMap[column].Value(full.Elem())
				of.table.FieldMap[column].Value(read.Elem()).Set(from)
			}
			if f.shown(full.Interface()) != f.shown(read.Interface()) {
				names = append(names, of.name+"."+name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// shown is what a field says of a row.
func (f *field) shown(row any) string {
	if f.scalar != nil {
		text, ok := f.scalar(row)(nil)
		if !ok {
			return "null"
		}
		return string(text)
	}
	amount := f.amount(row)()
	if amount == nil {
		return "null"
	}
	return amount.String()
}
