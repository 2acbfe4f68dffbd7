-- Reports that somebody gets by mail every so often, as long as they have access. The table says which period the next
-- letter is of, and when somebody is to look at it: when it is time, or to take over from who had begun to send it.
create table report_schedules (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    kind text not null check (kind in ('DAILY_CLOSE', 'WEEKLY')),
    time_zone text not null check (length(time_zone) between 1 and 100),
    -- Minutes after midnight, on the clocks of the time zone.
    minute_of_day integer not null check (minute_of_day between 0 and 1439),
    -- Null is all stores that the person may see when it is sent.
    only_store_id uuid,
    created_at timestamptz not null,
    -- The first day of what the next letter is of.
    period date not null,
    last_sent_at timestamptz,
    due_at timestamptz not null,
    claim bigint not null default 0,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade,
    foreign key (tenant_id, only_store_id) references stores (tenant_id, id) on delete cascade
);
create index report_schedules_by_person on report_schedules (tenant_id, user_id, created_at, id);
create index report_schedules_due on report_schedules (tenant_id, due_at);
call tillgraph.protect('report_schedules', 'tenant');
grant select, insert, delete, update (period, last_sent_at, due_at, claim) on report_schedules to tillgraph_app;

-- The letters: one a period, whoever sends it and however often that was tried.
create table report_deliveries (
    tenant_id uuid not null,
    schedule_id uuid not null,
    period date not null,
    status text not null check (status in ('SENDING', 'SENT', 'FAILED')),
    attempts integer not null default 1 check (attempts > 0),
    begun_at timestamptz not null,
    ended_at timestamptz,
    primary key (tenant_id, schedule_id, period),
    check ((status = 'SENDING') = (ended_at is null)),
    foreign key (tenant_id, schedule_id) references report_schedules (tenant_id, id) on delete cascade
);
call tillgraph.protect('report_deliveries', 'tenant');
grant select, insert, update (status, attempts, ended_at) on report_deliveries to tillgraph_app;

grant select (tenant_id, due_at) on report_schedules to tillgraph_gate;
create policy gate on report_schedules for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create trigger report_listed after insert or update of due_at on report_schedules for each row
    execute function tillgraph.report_listed();

create or replace function tillgraph.reports_rest(p_company uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_company);
    perform from company_directory where company_id = p_company for update;
    update company_directory set report_due_at = least(
            (select min(due_at) from report_exports where tenant_id = p_company),
            (select min(due_at) from report_schedules where tenant_id = p_company))
        where company_id = p_company;
end $$;
