drop table receipt_conflicts;
drop table receipt_gaps;
