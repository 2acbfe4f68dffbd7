package report

import (
	"github.com/tillgraph/tillgraph/internal/errs"
	"github.com/tillgraph/tillgraph/internal/id"
)

// Code says why there is no report.
type Code string

// UserError says why there is no report.
type UserError = errs.User[Code]

// Payload is a report, or why there is none.
type Payload struct {
	Report     *Report
	UserErrors []UserError
}

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	ExportCode       string
	ExportCancelCode string

	ExportUserError       = errs.User[ExportCode]
	ExportCancelUserError = errs.User[ExportCancelCode]
)

// ExportPayload is an export, or why there is none.
type ExportPayload struct {
	Export     *Export
	UserErrors []ExportUserError
}

// ExportCancelPayload is an export that was taken back, or why nothing was.
type ExportCancelPayload struct {
	Export     *Export
	UserErrors []ExportCancelUserError
}

// The same of the files of other reports.
type (
	StockExportCode    string
	VarianceExportCode string
	ZReportsExportCode string

	StockExportUserError    = errs.User[StockExportCode]
	VarianceExportUserError = errs.User[VarianceExportCode]
	ZReportsExportUserError = errs.User[ZReportsExportCode]
)

// StockExportPayload is an export of stock, or why there is none.
type StockExportPayload struct {
	Export     *Export
	UserErrors []StockExportUserError
}

// VarianceExportPayload is an export of tills' variances, or why there is none.
type VarianceExportPayload struct {
	Export     *Export
	UserErrors []VarianceExportUserError
}

// ZReportsExportPayload is an export of Z reports, or why there is none.
type ZReportsExportPayload struct {
	Export     *Export
	UserErrors []ZReportsExportUserError
}

// The same of the other reports, and of what is sent.
type (
	StockCode          string
	VarianceCode       string
	ScheduleCode       string
	ScheduleDeleteCode string

	StockUserError          = errs.User[StockCode]
	VarianceUserError       = errs.User[VarianceCode]
	ScheduleUserError       = errs.User[ScheduleCode]
	ScheduleDeleteUserError = errs.User[ScheduleDeleteCode]
)

// StockPayload is a report of stock, or why there is none.
type StockPayload struct {
	Report     *StockReport
	UserErrors []StockUserError
}

// VariancePayload is a report of tills' variances, or why there is none.
type VariancePayload struct {
	Report     *Variances
	UserErrors []VarianceUserError
}

// SchedulePayload is a schedule, or why there is none.
type SchedulePayload struct {
	Schedule   *Schedule
	UserErrors []ScheduleUserError
}

// ScheduleDeletePayload is the id of what was deleted, or why nothing was.
type ScheduleDeletePayload struct {
	DeletedID  *id.ReportSchedule
	UserErrors []ScheduleDeleteUserError
}

// And of alerts.
type (
	AlertCode       string
	AlertDeleteCode string

	AlertUserError       = errs.User[AlertCode]
	AlertDeleteUserError = errs.User[AlertDeleteCode]
)

// AlertPayload is an alert, or why there is none.
type AlertPayload struct {
	Alert      *Alert
	UserErrors []AlertUserError
}

// AlertDeletePayload is the id of what was deleted, or why nothing was.
type AlertDeletePayload struct {
	DeletedID  *id.ReportAlert
	UserErrors []AlertDeleteUserError
}
