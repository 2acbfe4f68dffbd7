// Package report adds sales up: over stores and time, by whatever stands on a receipt, to the cent.
//
// A sale or a void carries one row of its own transaction into report_pending ([Note]). A [Folder] adds what is pending
// to the sums, in one transaction of the database: its row leaves report_pending as its figures enter the sums. A report
// reads both in one snapshot, and so is the ledger's word at every moment, however far the folding is behind.
//
// There are sums of several grains (see families): by store and day; by hour, register and cashier; by product; by
// category, by brand and by supplier as sold; by group of customers; by tender; by tax; by reason of discounts. What
// they can't answer, such as products by cashier, is added up from the ledger itself, for [mostLedgerDays] days at most.
// [Verify] compares the two.
//
// A voided sale is in nothing but the voids. It is voided on its business day, so that no other day changes.
package report
