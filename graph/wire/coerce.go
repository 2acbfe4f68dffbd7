package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// coerceVariables holds the values of variables to the specification's rules of input coercion, where gqlparser takes
// "7" for an Int, any number for an Int, an enum value in another case, and two fields of a @oneOf object.
func coerceVariables(schema *ast.Schema, doc *ast.QueryDocument, params *graphql.RawParams) *gqlerror.Error {
	operation := doc.Operations.ForName(params.OperationName)
	switch {
	case operation != nil:
	case params.OperationName == "":
		return invalid("The document has several operations: name one in operationName.")
	default:
		return invalid("The document has no operation of the name in operationName.")
	}
	for _, definition := range operation.VariableDefinitions {
		given, ok := params.Variables[definition.Variable]
		if !ok {
			continue // whether there must be one is the executor's question
		}
		value, err := coerce(schema, definition.Type, given)
		if err != nil {
			return err.in(definition.Variable).report()
		}
		params.Variables[definition.Variable] = value
	}
	return nil
}

func invalid(message string) *gqlerror.Error {
	return refused(codeInvalid, message)
}

// misfit is a value that doesn't fit its type, and where it stands: the innermost name last.
type misfit struct {
	path    []string
	problem string
}

func misfits(format string, args ...any) *misfit {
	return &misfit{problem: fmt.Sprintf(format, args...)}
}

func (m *misfit) in(step string) *misfit {
	m.path = append(m.path, step)
	return m
}

// report says it, with the place as a list as well: the variable, then as in user errors.
func (m *misfit) report() *gqlerror.Error {
	slices.Reverse(m.path)
	report := invalid(fmt.Sprintf(`Variable "$%s" is not valid: %s.`, strings.Join(m.path, "."), m.problem))
	report.Extensions["field"] = m.path
	return report
}

// coerce gives a value as its type has it. What is wrong is said without the value, which may be a secret.
func coerce(schema *ast.Schema, typ *ast.Type, value any) (any, *misfit) {
	if value == nil {
		if typ.NonNull {
			return nil, misfits("it must not be null")
		}
		return nil, nil
	}
	if typ.Elem != nil {
		return coerceList(schema, typ.Elem, value)
	}
	definition := schema.Types[typ.NamedType]
	if definition == nil {
		return value, nil // the document isn't valid, and the validator says so
	}
	switch definition.Kind {
	case ast.Scalar:
		return coerceScalar(definition.Name, value)
	case ast.Enum:
		if text, ok := value.(string); !ok || definition.EnumValues.ForName(text) == nil {
			return nil, misfits("it must be a value of %s", definition.Name)
		}
	case ast.InputObject:
		return coerceObject(schema, definition, value)
	case ast.Object, ast.Interface, ast.Union:
	}
	return value, nil
}

// coerceList takes a value that is no list for a list of that value.
func coerceList(schema *ast.Schema, typ *ast.Type, value any) (any, *misfit) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for i, element := range list {
		coerced, err := coerce(schema, typ, element)
		if err != nil {
			if ok {
				err.in(strconv.Itoa(i))
			}
			return nil, err
		}
		list[i] = coerced
	}
	return list, nil
}

func coerceObject(schema *ast.Schema, definition *ast.Definition, value any) (any, *misfit) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, misfits("it must be an object of %s", definition.Name)
	}
	for name := range object {
		if definition.Fields.ForName(name) == nil {
			return nil, misfits("%s has no field of this name", definition.Name).in(readable(name))
		}
	}
	for _, field := range definition.Fields {
		given, ok := object[field.Name]
		if !ok {
			if field.Type.NonNull && field.DefaultValue == nil {
				return nil, misfits("it is required").in(field.Name)
			}
			continue
		}
		coerced, err := coerce(schema, field.Type, given)
		if err != nil {
			return nil, err.in(field.Name)
		}
		object[field.Name] = coerced
	}
	if definition.Directives.ForName("oneOf") != nil && !oneOf(object) {
		return nil, misfits("%s takes exactly one field, and not null", definition.Name)
	}
	return object, nil
}

func oneOf(object map[string]any) bool {
	for _, value := range object {
		if value == nil {
			return false
		}
	}
	return len(object) == 1
}

// coerceScalar knows the built-in scalars; the others know themselves.
func coerceScalar(name string, value any) (any, *misfit) {
	number, isNumber := value.(json.Number)
	_, isText := value.(string)
	switch name {
	case "Int":
		if whole, ok := int32Of(number); isNumber && ok {
			return whole, nil
		}
		return nil, misfits("it must be a whole number of 32 bits")
	case "Float":
		if f, err := number.Float64(); !isNumber || err != nil || math.IsInf(f, 0) {
			return nil, misfits("it must be a number")
		}
	case "String":
		if !isText {
			return nil, misfits("it must be a string")
		}
	case "Boolean":
		if _, ok := value.(bool); !ok {
			return nil, misfits("it must be true or false")
		}
	case "ID":
		if !isText && !isNumber || isNumber && !whole.MatchString(number.String()) {
			return nil, misfits("it must be an id")
		}
	}
	return value, nil
}

var whole = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// longestNumber keeps what is given up on from being worked out: 1e999999999 has as many digits.
const longestNumber = 24

// int32Of reads a whole number however it is written: 2.0 and 2e0 are 2.
func int32Of(number json.Number) (json.Number, bool) {
	if whole.MatchString(number.String()) {
		n, err := number.Int64()
		return number, err == nil && n >= math.MinInt32 && n <= math.MaxInt32
	}
	if len(number) > longestNumber {
		return "", false
	}
	f, err := number.Float64()
	if err != nil || f != math.Trunc(f) || f < math.MinInt32 || f > math.MaxInt32 {
		return "", false
	}
	return json.Number(strconv.FormatInt(int64(f), 10)), true
}

// readable gives a name that a client made up, where it is one, for the client to find it.
func readable(name string) string {
	if !fieldName.MatchString(name) {
		return "?"
	}
	return name
}

var fieldName = regexp.MustCompile(`^[_A-Za-z][_A-Za-z0-9]{0,63}$`)
