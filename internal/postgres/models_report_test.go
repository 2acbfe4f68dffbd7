package postgres_test

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/tillgraph/tillgraph/internal/id"
	"github.com/tillgraph/tillgraph/internal/postgres"
)

type (
	reportPending struct {
		bun.BaseModel `bun:"table:report_pending,alias:report_pending"`
		postgres.StoreOwned
		SaleID id.Sale
		Kind   string
	}
	lineSums struct {
		BusinessDate                                             time.Time `bun:"type:date"`
		CurrencyCode                                             string
		SaleCount, ReturnCount, Gross, Discount, Returned        int64
		Net, Tax, Sold, Back, Cost, NetCosted, VoidCount, Voided int64
	}
	reportDay struct {
		bun.BaseModel `bun:"table:report_days,alias:report_day"`
		postgres.StoreOwned
		lineSums
		Rounding int64
	}
	reportHour struct {
		bun.BaseModel `bun:"table:report_hours,alias:report_hour"`
		postgres.StoreOwned
		lineSums
		Hour         int
		AtRegisterID id.Register
		CashierID    id.User
		Rounding     int64
	}
	reportProduct struct {
		bun.BaseModel `bun:"table:report_products,alias:report_product"`
		postgres.StoreOwned
		lineSums
		ProductID  id.Product
		CategoryID id.Category
		BrandID    id.Brand
		SupplierID id.Supplier
	}
	reportCategory struct {
		bun.BaseModel `bun:"table:report_categories,alias:report_category"`
		postgres.StoreOwned
		lineSums
		CategoryID id.Category
	}
	reportTender struct {
		bun.BaseModel `bun:"table:report_tenders,alias:report_tender"`
		postgres.StoreOwned
		BusinessDate         time.Time `bun:"type:date"`
		CurrencyCode, Method string
		AtRegisterID         id.Register
		CashierID            id.User
		SaleCount, Amount    int64
	}
	reportTenderHour struct {
		bun.BaseModel `bun:"table:report_tender_hours,alias:report_tender_hour"`
		postgres.StoreOwned
		BusinessDate            time.Time `bun:"type:date"`
		CurrencyCode, Method    string
		AtRegisterID            id.Register
		CashierID               id.User
		Hour, SaleCount, Amount int64
	}
	reportTenderCustomer struct {
		bun.BaseModel `bun:"table:report_tender_customers,alias:report_tender_customer"`
		postgres.StoreOwned
		BusinessDate         time.Time `bun:"type:date"`
		CurrencyCode, Method string
		CustomerGroupID      id.CustomerGroup
		SaleCount, Amount    int64
	}
	reportTax struct {
		bun.BaseModel `bun:"table:report_taxes,alias:report_tax"`
		postgres.StoreOwned
		BusinessDate                   time.Time `bun:"type:date"`
		CurrencyCode, TaxName, TaxCode string
		TaxRatePpm                     int
		SaleCount, Net, Tax            int64
	}
	reportReason struct {
		bun.BaseModel `bun:"table:report_reasons,alias:report_reason"`
		postgres.StoreOwned
		BusinessDate         time.Time `bun:"type:date"`
		CurrencyCode, Reason string
		CashierID            id.User
		SaleCount, Discount  int64
	}
	reportExport struct {
		bun.BaseModel `bun:"table:report_exports,alias:report_export"`
		postgres.TenantOwned
		ID                            id.ReportExport `bun:"id,pk"`
		AskedByID                     id.User
		Role, Format, Status, Problem string
		Costs, Background             bool
		Input                         map[string]any `bun:"type:jsonb"`
		PageCount                     int
		RequestedAt, ExpiresAt, DueAt time.Time
		FinishedAt                    *time.Time
	}
	reportSchedule struct {
		bun.BaseModel `bun:"table:report_schedules,alias:report_schedule"`
		postgres.TenantOwned
		ID               id.ReportSchedule `bun:"id,pk"`
		UserID           id.User
		Kind, TimeZone   string
		MinuteOfDay      int
		CreatedAt, DueAt time.Time
		Period           time.Time `bun:"type:date"`
	}
	reportDelivery struct {
		bun.BaseModel `bun:"table:report_deliveries,alias:report_delivery"`
		postgres.TenantOwned
		ScheduleID id.ReportSchedule
		Period     time.Time `bun:"type:date"`
		Status     string
		BegunAt    time.Time
		EndedAt    *time.Time
	}
	reportAlert struct {
		bun.BaseModel `bun:"table:report_alerts,alias:report_alert"`
		postgres.TenantOwned
		ID               id.ReportAlert `bun:"id,pk"`
		UserID           id.User
		Kind             string
		Threshold        int64
		CreatedAt, DueAt time.Time
	}
	reportNotice struct {
		bun.BaseModel `bun:"table:report_notices,alias:report_notice"`
		postgres.StoreOwned
		ID                     id.ReportNotice `bun:"id,pk"`
		AlertID                id.ReportAlert
		Kind, Subject, Message string
		FoundAt                time.Time
	}
	reportExportPage struct {
		bun.BaseModel `bun:"table:report_export_pages,alias:report_export_page"`
		postgres.TenantOwned
		ExportID id.ReportExport
		Number   int
		Content  []byte
	}
)

func reportRules() map[string]tableRule {
	fresh := map[string]any{"business_date": time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)}
	return map[string]tableRule{
		"report_pending":          rule[reportPending](byStore, map[string]any{"kind": "VOID"}),
		"report_days":             rule[reportDay](byStore, fresh),
		"report_hours":            rule[reportHour](byStore, fresh),
		"report_products":         rule[reportProduct](byStore, fresh),
		"report_categories":       rule[reportCategory](byStore, fresh),
		"report_tenders":          rule[reportTender](byStore, fresh),
		"report_tender_hours":     rule[reportTenderHour](byStore, fresh),
		"report_tender_customers": rule[reportTenderCustomer](byStore, fresh),
		"report_taxes":            rule[reportTax](byStore, fresh),
		"report_reasons":          rule[reportReason](byStore, fresh),

		"report_exports":      rule[reportExport](byTenant, map[string]any{}),
		"report_export_pages": rule[reportExportPage](byTenant, map[string]any{"number": 99}),
		"report_alerts":       rule[reportAlert](byTenant, map[string]any{}),
		"report_notices":      rule[reportNotice](byStore, map[string]any{"subject": "fresh"}),
		"report_schedules":    rule[reportSchedule](byTenant, map[string]any{}),
		"report_deliveries":   rule[reportDelivery](byTenant, map[string]any{"period": time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)}),
	}
}
