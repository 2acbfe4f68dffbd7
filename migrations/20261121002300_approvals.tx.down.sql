drop table approvals;
drop function tillgraph.approval_goes_on();
alter table company_settings
    drop column stock_approval_required, drop column stock_approval_limit, drop column discount_approval_required,
    drop column return_approval_required, drop column approval_hours;
