package reading

import (
	"reflect"
	"slices"

	"github.com/uptrace/bun/schema"
)

// Misread names the fields whose methods read more of a row than the columns that are read for them. Fill fills in a
// row, with other values each time.
func (t *Table) Misread(fill func(row any)) []string {
	var names []string
	for _, of := range t.types {
		for name, f := range of.fields {
			if of.made || f.columns == nil {
				continue
			}
			full, read := rowsWith(of.model, of.table, f.columns, fill)
			var fullOther, readOther any
			if f.other != nil {
				fullOther, readOther = rowsWith(f.other.model, t.tables(f.other.model), f.other.columns, fill)
			}
			if !reflect.DeepEqual(f.shown(full, fullOther), f.shown(read, readOther)) {
				names = append(names, of.name+"."+name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// rowsWith are a whole row, and one that has some of its columns.
func rowsWith(model reflect.Type, table *schema.Table, columns []string, fill func(row any)) (full, some any) {
	whole, part := reflect.New(model), reflect.New(model)
	fill(whole.Interface())
	for _, column := range columns {
		table.FieldMap[column].Value(part.Elem()).Set(table.FieldMap[column].Value(whole.Elem()))
	}
	return whole.Interface(), part.Interface()
}

// shown is what a field says of a row, and of another one where it is made of both.
func (f *field) shown(row, other any) any {
	if f.told != nil {
		return f.told(row, other)
	}
	if f.scalar != nil {
		text, ok := f.scalar(row)(nil)
		if !ok {
			return "null"
		}
		return string(text)
	}
	amount, there := f.amount(row)()
	if !there {
		return "null"
	}
	return amount.String()
}
