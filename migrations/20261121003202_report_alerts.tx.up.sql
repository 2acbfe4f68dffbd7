-- What somebody wants to hear of, as long as they have access, and when it is looked at next.
create table report_alerts (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    kind text not null check (kind in ('SALES_BELOW_USUAL', 'VOIDS_ABOVE', 'DISCOUNTS_ABOVE', 'VARIANCE_ABOVE', 'LOW_STOCK')),
    -- Null is all stores that the person may see when it is looked at.
    only_store_id uuid,
    -- Thousandths of a percent, or of a unit of the store's currency.
    threshold bigint not null check (threshold >= 0),
    created_at timestamptz not null,
    due_at timestamptz not null,
    claim bigint not null default 0,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
    foreign key (tenant_id, only_store_id) references stores (tenant_id, id) on delete cascade
);
create index report_alerts_by_person on report_alerts (tenant_id, user_id, created_at, id);
create index report_alerts_due on report_alerts (tenant_id, due_at);
call tillgraph.protect('report_alerts', 'tenant');
grant select, insert, delete, update (due_at, claim) on report_alerts to tillgraph_app;

-- What was found. Subject says what of: an hour, a day, a session, a product; until it ends it isn't found again.
create table report_notices (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    alert_id uuid not null,
    kind text not null,
    subject text not null check (length(subject) between 1 and 100),
    message text not null check (length(message) between 1 and 1000),
    found_at timestamptz not null,
    told_at timestamptz,
    ended_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, alert_id) references report_alerts (tenant_id, id) on delete cascade,
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade
);
create unique index report_notices_once on report_notices (tenant_id, store_id, alert_id, subject) where ended_at is null;
create index report_notices_by_alert on report_notices (tenant_id, alert_id, found_at, id);
call tillgraph.protect('report_notices', 'store');
grant select, insert, update (told_at, ended_at) on report_notices to tillgraph_app;

grant select (tenant_id, due_at) on report_alerts to tillgraph_gate;
create policy gate on report_alerts for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create trigger report_listed after insert or update of due_at on report_alerts for each row
    execute function tillgraph.report_listed();

create or replace function tillgraph.reports_rest(p_company uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_company);
    perform from company_directory where company_id = p_company for update;
    update company_directory set report_due_at = least(
            (select min(due_at) from report_exports where tenant_id = p_company),
            (select min(due_at) from report_schedules where tenant_id = p_company),
            (select min(due_at) from report_alerts where tenant_id = p_company))
        where company_id = p_company;
end $$;
