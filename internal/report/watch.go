package report

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/civil"
	"github.com/tillgraph/tillgraph/internal/company"
	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/inventory"
	"github.com/tillgraph/tillgraph/internal/mail"
	"github.com/tillgraph/tillgraph/internal/money"
	"github.com/tillgraph/tillgraph/internal/postgres"
	"github.com/tillgraph/tillgraph/internal/tenancy"
	"github.com/tillgraph/tillgraph/internal/till"
)

const (
	// alertEvery is how often an alert is looked at.
	alertEvery = 10 * time.Minute
	// usualWeeks is of how many weeks what is usual is the average.
	usualWeeks = 4
	// recentTills is how long after its closing a till is looked at.
	recentTills = 48 * time.Hour
	// mostFound bounds what one look finds, and what one letter tells.
	mostFound = 200
)

// watch looks at the alert that has waited the longest.
func (w *Worker) watch(ctx context.Context) (bool, error) {
	a, err := w.takeAlert(ctx)
	if err != nil || a == nil {
		return false, err
	}
	err = w.look(ctx, a)
	switch {
	case errors.Is(err, errAccess):
		return true, w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
			return tx.Finish(ctx, postgres.Exec(nil, tx.Delete((*Alert)(nil)).Where("?TableAlias.id = ?", a.ID)))
		})
	case err != nil && ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		w.Logger.LogAttrs(ctx, slog.LevelError, "an alert was not looked at", slog.String("alert", a.ID.String()), slog.Any("error", err))
	}
	return true, nil
}

// takeAlert takes an alert up that is due; it is looked at again after a while, whatever becomes of this.
func (w *Worker) takeAlert(ctx context.Context) (*Alert, error) {
	var a *Alert
	err := w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		a = nil
		now := w.Now()
		err := tx.Send(ctx, postgres.Row(&a, tx.Select((*Alert)(nil)).Where("alert.due_at <= ?", now).
			OrderExpr("alert.due_at, alert.id").Limit(1).For("UPDATE SKIP LOCKED")))
		if err != nil || a == nil {
			return err
		}
		a.Claim++
		a.DueAt = now.Add(alertEvery)
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update(a).Column("due_at", "claim").Where("?TableAlias.id = ?", a.ID)))
	})
	return a, err
}

// shop is a store as alerts see it: which business day and hour it has.
type shop struct {
	*company.Store

	day  civil.Date
	hour int
}

// look finds what there is to tell, as the person with the access that they have now, and tells it.
func (w *Worker) look(ctx context.Context, a *Alert) error {
	scope, err := w.reader(ctx, a.TenantID, a.UserID, a.StoreID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(tenancy.With(ctx, scope), lease)
	defer cancel()
	h, err := w.DB.Bind(ctx)
	if err != nil {
		return err
	}
	shops, err := w.shops(ctx, h, a)
	if err != nil {
		return err
	}
	found, err := w.find(ctx, h, a, shops)
	if err != nil {
		return err
	}
	return w.tell(ctx, scope, a, shops, found[:min(len(found), mostFound)])
}

// shops are the stores of an alert, with the business day of now and the last hour that is over.
func (w *Worker) shops(ctx context.Context, h *postgres.Handle, a *Alert) ([]*shop, error) {
	stores, _ := h.Scope().Across(tenancy.ReportRead, nil)
	if a.StoreID != nil {
		stores = []id.Store{*a.StoreID}
	}
	if a.Kind == LowStock {
		stores = slices.DeleteFunc(stores, func(s id.Store) bool { return !h.Scope().CanAt(tenancy.InventoryRead, s) })
	}
	var rows []*company.Store
	var settings *company.Settings
	err := h.Read(ctx, postgres.Row(&settings, h.Select((*company.Settings)(nil))),
		postgres.Rows(&rows, h.Select((*company.Store)(nil)).Where("store.id = ANY (?::uuid[])", postgres.UUIDs(stores)).OrderExpr("store.id")))
	if err != nil {
		return nil, err
	}
	start := 0
	if settings != nil {
		start = settings.BusinessDayStart
	}
	list := make([]*shop, len(rows))
	for i, row := range rows {
		place, err := time.LoadLocation(row.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("the time zone of store %s: %w", row.ID, err)
		}
		at := w.Now()
		if a.Kind == SalesBelowUsual {
			at = at.Add(-time.Hour)
		}
		list[i] = &shop{Store: row, day: civil.BusinessDay(at, place, start), hour: at.In(place).Hour()}
	}
	return list, nil
}

func (w *Worker) find(ctx context.Context, h *postgres.Handle, a *Alert, shops []*shop) ([]*Notice, error) {
	switch a.Kind {
	case VarianceAbove:
		return w.variance(ctx, h, a, shops)
	case LowStock:
		return w.low(ctx, h, a, shops)
	case SalesBelowUsual:
		return w.perShop(ctx, a, shops, w.belowUsual)
	case VoidsAbove, DiscountsAbove:
		return w.perShop(ctx, a, shops, w.aboveShare)
	}
	return nil, nil
}

func (w *Worker) perShop(
	ctx context.Context, a *Alert, shops []*shop, of func(context.Context, *Alert, *shop) (*Notice, error),
) ([]*Notice, error) {
	var list []*Notice
	for _, s := range shops {
		n, err := of(ctx, a, s)
		if err != nil {
			return nil, err
		}
		if n != nil {
			list = append(list, n)
		}
	}
	return list, nil
}

func (w *Worker) notice(a *Alert, store id.Store, subject, message string) *Notice {
	n := &Notice{ID: id.New[id.ReportNotice](), AlertID: a.ID, Kind: a.Kind, Subject: subject, Message: message, FoundAt: w.Now()}
	n.StoreID = store
	return n
}

// total is what a report comes to in one currency.
func (w *Worker) total(ctx context.Context, in Input, currency money.Currency) (*Figures, error) {
	made, err := w.reports.Sales(ctx, in, Want{})
	if err != nil {
		return nil, err
	}
	for _, row := range made.rows {
		if row.CurrencyCode() == currency {
			return row.Figures, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing was sold
}

// belowUsual compares the hour that is over with the same hour of the same weekday in the weeks before.
func (w *Worker) belowUsual(ctx context.Context, a *Alert, s *shop) (*Notice, error) {
	const week = 7
	stores := []id.Store{s.ID}
	hour := &Filter{Hours: []int{s.hour}}
	before := Input{
		From: s.day.Add(-usualWeeks * week), To: s.day.Add(-week), StoreIDs: stores,
		Filter: &Filter{Hours: hour.Hours, Weekdays: []int{1 + sinceMonday(s.day)}},
	}
	usual, err := w.total(ctx, before, s.CurrencyCode)
	if err != nil || usual == nil || usual.sums.Net <= 0 {
		return nil, err
	}
	now, err := w.total(ctx, Input{From: s.day, To: s.day, StoreIDs: stores, Filter: hour}, s.CurrencyCode)
	if err != nil {
		return nil, err
	}
	var net int64
	if now != nil {
		net = now.sums.Net
	}
	average := usual.sums.Net / usualWeeks
	least, err := money.MulDiv(average, wholePercent-a.ThresholdMilli, wholePercent)
	if err != nil || net >= least {
		return nil, err
	}
	return w.notice(a, s.ID, fmt.Sprintf("%s %02d", s.day, s.hour), fmt.Sprintf("%s sold %s from %d:00 to %d:00 on %s; %s is usual.",
		oneLine(s.Name), amount(net, s.CurrencyCode), s.hour, s.hour+1, s.day, amount(average, s.CurrencyCode))), nil
}

// aboveShare compares the day's voids with all that was rung up, or its discounts with what was sold.
func (w *Worker) aboveShare(ctx context.Context, a *Alert, s *shop) (*Notice, error) {
	f, err := w.total(ctx, Input{From: s.day, To: s.day, StoreIDs: []id.Store{s.ID}}, s.CurrencyCode)
	if err != nil || f == nil {
		return nil, err
	}
	part, whole, what := f.Discount, f.sums.Gross, "Discounts"
	if a.Kind == VoidsAbove {
		part, whole, what = f.sums.Voided, f.sums.Voided+max(f.sums.Net+f.sums.Tax+f.sums.Rounding, 0), "Voids"
	}
	if part <= 0 || whole <= 0 {
		return nil, nil //nolint:nilnil // there is nothing to tell
	}
	most, err := money.MulDiv(whole, a.ThresholdMilli, wholePercent)
	if err != nil || part <= most {
		return nil, err
	}
	return w.notice(a, s.ID, s.day.String(), fmt.Sprintf("%s of %s on %s: %s of %s.",
		what, oneLine(s.Name), s.day, amount(part, s.CurrencyCode), amount(whole, s.CurrencyCode))), nil
}

// offTill is what was off in a till that was closed.
type offTill struct {
	StoreID   id.Store       `bun:"store_id"`
	SessionID id.TillSession `bun:"session_id"`
	Method    string         `bun:"method"`
	Currency  money.Currency `bun:"currency_code"`
	Day       civil.Date     `bun:"business_date"`
	Off       int64          `bun:"off"`
}

func (w *Worker) variance(ctx context.Context, h *postgres.Handle, a *Alert, shops []*shop) ([]*Notice, error) {
	var rows []*offTill
	if err := h.Read(ctx, postgres.Rows(&rows, offTills(h, shopIDs(shops), w.Now().Add(-recentTills)))); err != nil {
		return nil, err
	}
	var list []*Notice
	for _, row := range rows {
		milli := row.Off
		for range 3 - row.Currency.Decimals() {
			milli *= 10
		}
		if max(milli, -milli) <= a.ThresholdMilli {
			continue
		}
		list = append(list, w.notice(a, row.StoreID, row.SessionID.String()+" "+row.Method,
			fmt.Sprintf("A till of %s was off by %s in %s on %s.", oneLine(shopName(shops, row.StoreID)), amount(row.Off, row.Currency), row.Method, row.Day)))
	}
	return list, nil
}

func offTills(h *postgres.Handle, stores []id.Store, since time.Time) *bun.SelectQuery {
	sessions := h.Select((*till.Session)(nil)).Where("till_session.status = ?", string(till.Closed)).
		Where("till_session.closed_at >= ?", since).Where("till_session.store_id = ANY (?::uuid[])", postgres.UUIDs(stores))
	return h.Select((*till.Count)(nil)).
		ColumnExpr("till_count.store_id, till_count.session_id, till_count.currency_code, s.business_date, e ->> 'method' AS method").
		ColumnExpr("(e ->> 'counted')::bigint - (e ->> 'expected')::bigint AS off").
		Join("JOIN (?) AS s ON s.id = till_count.session_id AND s.count_number = till_count.number", sessions).
		Join("CROSS JOIN LATERAL jsonb_array_elements(till_count.tenders) AS e").
		Where("e ->> 'counted' <> e ->> 'expected'").OrderExpr("till_count.counted_at, till_count.session_id").Limit(mostFound)
}

// lowLevel is a product of which there is little.
type lowLevel struct {
	StoreID   id.Store   `bun:"store_id"`
	ProductID id.Product `bun:"product_id"`
	Name      string     `bun:"name"`
	Milli     int64      `bun:"quantity"`
}

// low finds what is low and wasn't before, and ends what was low and isn't any more, so that it is found anew.
func (w *Worker) low(ctx context.Context, h *postgres.Handle, a *Alert, shops []*shop) ([]*Notice, error) {
	q := h.Select((*inventory.Level)(nil)).ColumnExpr("level.store_id, level.product_id, level.quantity, named.name").
		Join("JOIN (?) AS named ON named.id = level.product_id", h.Select((*namedProduct)(nil)).ColumnExpr("named.id, named.name")).
		Where("level.low_stock").Where("level.store_id = ANY (?::uuid[])", postgres.UUIDs(shopIDs(shops))).
		Where("NOT EXISTS (?)", h.Select((*Notice)(nil)).Where("notice.alert_id = ?", a.ID).Where("notice.ended_at IS NULL").
			Where("notice.store_id = level.store_id AND notice.subject = level.product_id::text")).
		OrderExpr("level.store_id, level.product_id").Limit(mostFound)
	over := h.Update((*Notice)(nil)).Set("ended_at = ?", w.Now()).Where("?TableAlias.alert_id = ?", a.ID).
		Where("?TableAlias.ended_at IS NULL").
		Where("NOT EXISTS (?)", h.Select((*inventory.Level)(nil)).Where("level.low_stock").
			Where("level.store_id = notice.store_id AND level.product_id::text = notice.subject"))
	var rows []*lowLevel
	err := w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(nil, over), postgres.Rows(&rows, q))
	})
	if err != nil {
		return nil, err
	}
	list := make([]*Notice, len(rows))
	for i, row := range rows {
		list[i] = w.notice(a, row.StoreID, row.ProductID.UUID().String(), fmt.Sprintf("%s: %s of %s are left.",
			oneLine(shopName(shops, row.StoreID)), money.Quantity(row.Milli), oneLine(row.Name)))
	}
	return list, nil
}

func shopIDs(shops []*shop) []id.Store {
	ids := make([]id.Store, len(shops))
	for i, s := range shops {
		ids[i] = s.ID
	}
	return ids
}

func shopName(shops []*shop, store id.Store) string {
	for _, s := range shops {
		if s.ID == store {
			return s.Name
		}
	}
	return ""
}

// tell keeps what is new, and sends it with what wasn't told before. What is known to have gone out isn't sent again.
func (w *Worker) tell(ctx context.Context, scope *tenancy.Scope, a *Alert, shops []*shop, found []*Notice) error {
	var untold []*Notice
	var who *addressee
	err := w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		statements := make([]postgres.Statement, 0, len(found)+2)
		for _, n := range found {
			statements = append(statements, postgres.Exec(nil, tx.Insert(n).On("CONFLICT DO NOTHING")))
		}
		return tx.Finish(ctx, append(statements, postgres.Row(&who, addresseeOf(tx.Handle, a.UserID)),
			postgres.Rows(&untold, tx.Select((*Notice)(nil)).Where("notice.alert_id = ?", a.ID).Where("notice.told_at IS NULL").
				Where("notice.store_id = ANY (?::uuid[])", postgres.UUIDs(shopIDs(shops))).
				OrderExpr("notice.found_at, notice.id").Limit(mostFound)))...)
	})
	switch {
	case err != nil:
		return err
	case who == nil || !who.EmailVerified:
		return errAccess
	case len(untold) == 0:
		return nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "Hello %s,\n\nyou wanted to hear of this:\n\n", who.Name)
	ids := make([]id.ReportNotice, len(untold))
	for i, n := range untold {
		ids[i] = n.ID
		text.WriteString(n.Message + "\n")
	}
	text.WriteString("\nTo hear of it no more, delete the alert.\n")
	if err := w.Mail.Send(ctx, mail.Message{To: who.Email, Subject: scope.CompanySlug + ": an alert", Text: text.String()}); err != nil {
		return fmt.Errorf("send an alert: %w", err)
	}
	return w.DB.Write(ctx, func(ctx context.Context, tx *postgres.Tx) error {
		return tx.Finish(ctx, postgres.Exec(nil, tx.Update((*Notice)(nil)).Set("told_at = ?", w.Now()).
			Where("?TableAlias.id = ANY (?::uuid[])", postgres.UUIDs(ids))))
	})
}
