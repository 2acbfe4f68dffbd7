package postgres

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func inspector() *DB {
	return &DB{scoping: true, tables: map[string]bool{"products": true, "sales": true}}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	const scoped = `(SELECT * FROM "products" WHERE "tenant_id" = '1')`
	for _, tt := range []struct {
		sql, target string
		text        string // "" where it is refused
		args        []any
	}{
		{sql: "SELECT 1", text: "SELECT 1"},
		{sql: "SELECT 'a'", text: "SELECT $1", args: []any{"a"}},
		{sql: "SELECT ''", text: "SELECT $1", args: []any{""}},
		{sql: "SELECT 'it''s', ''''", text: "SELECT $1, $2", args: []any{"it's", "'"}},
		{sql: `SELECT 'a\'`, text: "SELECT $1", args: []any{`a\`}},
		{sql: `SELECT '"', ';--'`, text: "SELECT $1, $2", args: []any{`"`, ";--"}},
		{sql: `SELECT ';' AS "a;--b"`, text: `SELECT $1 AS "a;--b"`, args: []any{";"}},
		{sql: "SELECT 'products'", text: "SELECT $1", args: []any{"products"}},
		{sql: "SELECT '{}'::uuid[]", text: "SELECT $1::uuid[]", args: []any{"{}"}},
		{sql: "SELECT * FROM " + scoped, text: `SELECT * FROM (SELECT * FROM "products" WHERE "tenant_id" = $1)`, args: []any{"1"}},
		{sql: "SELECT products.id FROM " + scoped + " AS products"},
		{sql: `SELECT "products"."id" FROM ` + scoped + " AS p", text: `SELECT "products"."id" FROM (SELECT * FROM "products" WHERE "tenant_id" = $1) AS p`, args: []any{"1"}},
		{sql: "UPDATE products SET name = 'x' WHERE (1 = 1)", target: "products", text: "UPDATE products SET name = $1 WHERE (1 = $2)", args: []any{"x", "1"}},
		{sql: "UPDATE products SET a = (b OR c) WHERE (1 = 1 OR 2 = 2)", target: "products", text: "UPDATE products SET a = (b OR c) WHERE (1 = $1 OR 2 = $2)", args: []any{"1", "2"}},
		{sql: "SELECT 1 WHERE (a) OR (b)", text: "SELECT 1 WHERE (a) OR (b)"},
		{sql: "DELETE FROM products WHERE (a)", target: "products", text: "DELETE FROM products WHERE (a)"},
		{sql: "UPDATE products SET a = 1 FROM x WHERE x.store_id = 1", target: "products", text: "UPDATE products SET a = $1 FROM x WHERE x.store_id = $2", args: []any{"1", "1"}},
		{
			sql: "INSERT INTO products (a, b) VALUES ('x', 1, -2.5, TRUE, DEFAULT, NULL, now() + 1), (3, FALSE) RETURNING a", target: "products",
			text: "INSERT INTO products (a, b) VALUES ($1, $2, $3, $4, DEFAULT, NULL, now() + 1), ($5, $6) RETURNING a",
			args: []any{"x", "1", "-2.5", "TRUE", "3", "FALSE"},
		},
		{sql: "INSERT INTO products (a) VALUES (1 + 2, f(3), (4), 5::text)", target: "products", text: "INSERT INTO products (a) VALUES (1 + 2, f(3), (4), 5::text)"},
		{sql: "SELECT a WHERE b = 5 AND c >= 6 AND d <> 7 AND e = 8 + 9 LIMIT 10", text: "SELECT a WHERE b = $1 AND c >= 6 AND d <> 7 AND e = 8 + 9 LIMIT 10", args: []any{"5"}},
		{sql: "SELECT a WHERE b = -5 ORDER BY 1", text: "SELECT a WHERE b = $1 ORDER BY 1", args: []any{"-5"}},
		{sql: "SELECT a WHERE (b = 5) AND x = 5e3 AND y = 1_0 GROUP BY 1, 2", text: "SELECT a WHERE (b = $1) AND x = 5e3 AND y = 1_0 GROUP BY 1, 2", args: []any{"5"}},
		{sql: "UPDATE products SET a = a + 1, b = 2, c = TRUE", target: "products", text: "UPDATE products SET a = a + 1, b = $1, c = TRUE", args: []any{"2"}},

		{sql: "SELECT * FROM products"},
		{sql: `SELECT * FROM "products"`},
		{sql: "SELECT * FROM PRODUCTS"},
		{sql: "SELECT * FROM public.products"},
		{sql: `SELECT * FROM "public"."products"`},
		{sql: `SELECT * FROM (SELECT * FROM "products" WHERE true)`},
		{sql: `SELECT * FROM (SELECT * FROM "products" WHERE "tenant_id" = 1)`},
		{sql: `SELECT * FROM (SELECT * FROM "products" WHERE "tenant_id" = ?app_tenant)`}, // written without a scope
		{sql: "UPDATE products SET a = 1 WHERE (a) OR (b)", target: "products"},
		{sql: "update products set a = 1 where (a) or (b)", target: "products"},
		{sql: "DELETE FROM products WHERE (a) OR (b)", target: "products"},
		{sql: "DELETE FROM products WHERE (a)", target: "sales"},
		{sql: "UPDATE products SET tenant_id = 1", target: "products"},
		{sql: `UPDATE products SET a = 1, "store_id" = 1`, target: "products"},
		{sql: `UPDATE products SET "id" = 1`, target: "products"},
		{sql: "UPDATE products SET (a, b) = (1, 2)", target: "products"},
		{sql: "INSERT INTO products (a) SELECT 1", target: "products"},
		{sql: "INSERT INTO products (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1", target: "products"},
		{sql: "SELECT 1; SELECT 2"},
		{sql: "SELECT 1 --"},
		{sql: "SELECT /*"},
		{sql: "SELECT $1"},
		{sql: "SELECT $$a$$"},
		{sql: "SELECT E'a'"},
		{sql: "SELECT 'a'1"},
		{sql: "SELECT 'a'b"},
		{sql: "SELECT 'a"},
		{sql: "SELECT 'a''"},
		{sql: `SELECT "a`},
		{sql: `SELECT U&"a"`},
	} {
		text, args, err := inspector().inspect([]byte(tt.sql), target{table: tt.target})
		if tt.text == "" {
			if !errors.Is(err, errUnscoped) && !strings.Contains(tt.sql, "AS products") {
				t.Errorf("%s: %v; want it refused", tt.sql, err)
			}
			continue
		}
		if err != nil || text != tt.text || len(args) != len(tt.args) {
			t.Errorf("%s: %q %v %v, want %q %v", tt.sql, text, args, err, tt.text, tt.args)
			continue
		}
		for i := range args {
			if args[i] != tt.args[i] {
				t.Errorf("%s: argument %d is %q, want %q", tt.sql, i, args[i], tt.args[i])
			}
		}
	}
}

// FuzzInspect: whatever the text, the scanner ends without a panic, and what it lets through is the same text
// again once its parameters are put back.
func FuzzInspect(f *testing.F) {
	for _, seed := range []string{
		"", "SELECT 'a'", "SELECT ''''", "'", `"`, "'a'b'", "E'a'", `U&"x"`, "a$1", "SELECT * FROM products", "'''", "é'é'",
		`(SELECT * FROM "products" WHERE "tenant_id" = 'x')`, "UPDATE products SET a = 1, tenant_id = 2", "\x00'\xff'",
		"0=0", "INSERT INTO products (a) VALUES (1, -2.5, TRUE, '3')", "a='1'", "a = -.5", "a = 1.2.3", "A$$=0", `"$0"=0 ''`,
	} {
		f.Add(seed)
	}
	kept := inspector()
	f.Fuzz(func(t *testing.T, sql string) {
		text, args, err := inspector().through([]byte(sql), target{table: "products"})
		for range 2 { // the second time its shape is known
			again, values, failed := kept.inspect([]byte(sql), target{table: "products"})
			if again != text || !slices.Equal(values, args) || (failed == nil) != (err == nil) {
				t.Errorf("%q: %q %q %v, and by its shape %q %q %v", sql, text, args, err, again, values, failed)
			}
		}
		if err != nil {
			return
		}
		if back := putBack(sql, text, args); back != sql {
			t.Errorf("%q became %q with %q, which is %q", sql, text, args, back)
		}
		if utf8.ValidString(sql) && !utf8.ValidString(text) {
			t.Errorf("%q became invalid UTF-8: %q", sql, text)
		}
	})
}

// TestShapes: a statement whose shape has passed is given its own values, and one that looks nearly the same isn't passed.
func TestShapes(t *testing.T) {
	t.Parallel()
	const scoped = `SELECT "a" FROM (SELECT * FROM "products" WHERE "tenant_id" = 'x') AS "p" WHERE name = `
	db := inspector()
	for sql, want := range map[string][]any{
		scoped + "'one '": {"x", "one "}, scoped + "'it''s'": {"x", "it's"}, scoped + "''": {"x", ""}, scoped + "''''''": {"x", "''"},
		scoped + `'"'`: {"x", `"`}, scoped + `'é''"; --'`: {"x", `é'"; --`},
		scoped + "12": {"x", "12"}, scoped + "34": {"x", "34"},
		"UPDATE products SET a = 'b' WHERE (c = 'd')": {"b", "d"}, "UPDATE products SET a = 'd' WHERE (c = 'b')": {"d", "b"},
		"SELECT " + strings.Repeat("'a', ", mostLiterals) + "'b'": append(slices.Repeat([]any{"a"}, mostLiterals), "b"),
	} {
		for range 2 {
			if _, args, err := db.inspect([]byte(sql), target{table: "products"}); err != nil || !slices.Equal(args, want) {
				t.Errorf("%s: %q, %v, want %q", sql, args, err, want)
			}
		}
	}
	if known := len(db.passed.known); known != 2 {
		t.Errorf("%d shapes are known, not those of a read and a change", known)
	}
	for _, sql := range []string{
		scoped + "'one' OR a IN (SELECT * FROM products)", scoped + "'one'; SELECT 'two'", scoped + "'one' --", scoped + "E'one'",
		scoped + "'one", `SELECT "a FROM (SELECT * FROM "products" WHERE "tenant_id" = 'x') AS "p" WHERE name = 'one'`,
		strings.Replace(scoped, "tenant_id", "store_id", 1) + "'one'", "UPDATE products SET a = 'b' WHERE (c = 'd') OR (c = 'e')",
	} {
		for range 2 {
			if _, _, err := db.inspect([]byte(sql), target{table: "products"}); !errors.Is(err, errUnscoped) {
				t.Errorf("%s passes: %v", sql, err)
			}
		}
	}
	const upsert = "INSERT INTO products (a) VALUES ('b') ON CONFLICT (a) DO UPDATE SET a = 'c'"
	if _, _, err := db.inspect([]byte(upsert), target{table: "products", upsertScoped: true}); err != nil {
		t.Error(err)
	}
	for _, changed := range []target{{table: "products"}, {table: "sales", upsertScoped: true}, {}} {
		if _, _, err := db.inspect([]byte(upsert), changed); !errors.Is(err, errUnscoped) {
			t.Errorf("what passes for products passes for %+v: %v", changed, err)
		}
	}
}

// BenchmarkInspect is what it takes to make a product's statement one for all products, by its shape and without.
func BenchmarkInspect(b *testing.B) {
	const sql = `SELECT "product"."id", "product"."name", "product"."sku", "product"."price", "product"."currency_code" FROM ` +
		`(SELECT * FROM "products" WHERE "tenant_id" = '01933c91-ac00-7000-9ce0-96467ae8d1c3') AS "product" ` +
		`WHERE ("product"."id" = '01933c91-ac00-7001-9b26-d741e5534bba'::uuid)`
	db, text := inspector(), []byte(sql)
	for name, inspect := range map[string]func([]byte, target) (string, []any, error){"shape": db.inspect, "through": db.through} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, args, err := inspect(text, target{}); err != nil || len(args) != 2 {
					b.Fatal(args, err)
				}
			}
		})
	}
}

var plain = regexp.MustCompile(`^(-?[0-9][0-9.]*|TRUE|FALSE)$`)

// putBack writes the values where they were lifted: quoted, or as the number or truth that stood there.
func putBack(sql, text string, args []any) string {
	var b strings.Builder
	next := 0
	for i := 0; i < len(text); i++ {
		// A name may hold its own, and nothing that is lifted begins with one.
		if at := b.Len(); text[i] != '$' || at < len(sql) && sql[at] == '$' || next == len(args) {
			b.WriteByte(text[i])
			continue
		}
		value := args[next].(string)
		if at := b.Len(); !plain.MatchString(value) || at < len(sql) && sql[at] == '\'' {
			value = "'" + strings.ReplaceAll(value, "'", "''") + "'"
		}
		b.WriteString(value)
		next++
		for i+1 < len(text) && '0' <= text[i+1] && text[i+1] <= '9' {
			i++
		}
	}
	return b.String()
}
