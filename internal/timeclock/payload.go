package timeclock

import "github.com/tillgraph/tillgraph/internal/errs"

// The codes of the user errors, one enum a mutation; and the user errors, one type a mutation.
type (
	ClockInUserErrorCode          string
	BreakStartUserErrorCode       string
	BreakEndUserErrorCode         string
	ClockOutUserErrorCode         string
	TimeEntryCorrectUserErrorCode string

	ClockInUserError          = errs.User[ClockInUserErrorCode]
	BreakStartUserError       = errs.User[BreakStartUserErrorCode]
	BreakEndUserError         = errs.User[BreakEndUserErrorCode]
	ClockOutUserError         = errs.User[ClockOutUserErrorCode]
	TimeEntryCorrectUserError = errs.User[TimeEntryCorrectUserErrorCode]
)

// ClockInPayload is what clockIn answers.
type ClockInPayload struct {
	TimeEntry  *Entry
	UserErrors []ClockInUserError
}

// BreakStartPayload is what breakStart answers.
type BreakStartPayload struct {
	TimeEntry  *Entry
	UserErrors []BreakStartUserError
}

// BreakEndPayload is what breakEnd answers.
type BreakEndPayload struct {
	TimeEntry  *Entry
	UserErrors []BreakEndUserError
}

// ClockOutPayload is what clockOut answers.
type ClockOutPayload struct {
	TimeEntry  *Entry
	UserErrors []ClockOutUserError
}

// TimeEntryCorrectPayload is what timeEntryCorrect answers.
type TimeEntryCorrectPayload struct {
	TimeEntry  *Entry
	UserErrors []TimeEntryCorrectUserError
}
