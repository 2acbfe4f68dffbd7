// Package till has the till sessions of registers: opened with a float, used, counted and closed.
//
// A register has at most one session that isn't closed, and its sales belong to that. A session goes one way:
//
//	OPEN     sells; money is put in and taken out with a reason (Move); the drawer is handed over (HandOver).
//	COUNTED  Commit has taken the count down. Only now does anybody learn what was expected. The register sells
//	         no more until the session is closed; it can be counted again, and each count is kept.
//	CLOSED   Close has made the Z report. Where a count is further off than the company allows, somebody with the
//	         permission and who did not count approves first (Approve).
//
// All figures come from one calculation, Reports: sums over the ledgers' rows that name the session. Its sales
// count in it, its voids against it, whichever session sold what is voided. A Z report is what the calculation gave
// at the close. A sale that comes later and happened within the session is its amendment: the calculation counts it,
// the Z report stays as it is.
//
// What changes a session, a sale and a void lock the register's receipt counter first, so that they come one after
// another: each sale is in the Z report or an amendment, and never both.
package till
