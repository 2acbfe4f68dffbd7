package postgres_test
import ("testing";"github.com/tillgraph/tillgraph/internal/postgres")
func TestNUL(t *testing.T){
 b:=setup(t); ctx,h:=b.owner(t); _ = postgres.ErrSchemaBehind
 for _,s:=range []string{"","\x00","a\x00b","\xff","a'\\"} { x,a,e:=h.Render(ctx,h.NewSelect().ColumnExpr("?::text",s)); t.Logf("%q: %q %q %v",s,x,a,e) }
}
