-- Reports as files. What was asked for and by whom, with the role that they had, the stores that it is about and whether
-- costs stand in it: a link works, and the work goes on, only as long as all of that is so.
create table report_exports (
    tenant_id uuid not null,
    id uuid not null,
    asked_by_id uuid not null,
    role text not null,
    input jsonb not null,
    costs boolean not null,
    format text not null check (format in ('CSV', 'XLSX')),
    status text not null check (status in ('WAITING', 'READY', 'FAILED', 'CANCELLED')),
    -- In the background a report is made page by page; without, when it is fetched.
    background boolean not null,
    page_count integer not null check (page_count between 1 and 5000),
    pages_done integer not null default 0 check (pages_done between 0 and page_count),
    row_count integer not null default 0 check (row_count between 0 and 500000),
    problem text not null default '' check (length(problem) <= 500),
    requested_at timestamptz not null,
    finished_at timestamptz,
    expires_at timestamptz not null,
    -- When somebody is to look at it: to make its next page, to take over from who had begun to, or to delete it. Each
    -- look has a number, so that who was too slow finds out.
    due_at timestamptz not null,
    claim bigint not null default 0,
    failures integer not null default 0 check (failures >= 0),
    primary key (tenant_id, id),
    check ((status = 'WAITING') = (finished_at is null)),
    check (status <> 'WAITING' or background),
    foreign key (tenant_id, asked_by_id) references users (tenant_id, id) on delete cascade
);
create index report_exports_by_person on report_exports (tenant_id, asked_by_id, requested_at, id);
create index report_exports_due on report_exports (tenant_id, due_at);
call tillgraph.protect('report_exports', 'tenant');
grant select, insert, delete on report_exports to tillgraph_app;
grant update (status, pages_done, row_count, problem, finished_at, due_at, claim, failures) on report_exports to tillgraph_app;

-- What is made so far: rows of cells, a line of JSON each, compressed.
create table report_export_pages (
    tenant_id uuid not null,
    export_id uuid not null,
    number integer not null check (number > 0),
    content bytea not null,
    primary key (tenant_id, export_id, number),
    foreign key (tenant_id, export_id) references report_exports (tenant_id, id) on delete cascade
);
call tillgraph.protect('report_export_pages', 'tenant');
grant select, insert on report_export_pages to tillgraph_app;

-- Which companies have something due is asked before any of them is entered.
alter table company_directory add column report_due_at timestamptz;
create index company_directory_report_due on company_directory (report_due_at) where report_due_at is not null;
grant select (report_due_at), update (report_due_at) on company_directory to tillgraph_gate;
grant select (tenant_id, due_at) on report_exports to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;
create policy gate on report_exports for select to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

create function tillgraph.report_listed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update company_directory set report_due_at = new.due_at
        where company_id = new.tenant_id and (report_due_at is null or report_due_at > new.due_at);
    return null;
end $$;
create trigger report_listed after insert or update of due_at on report_exports for each row
    execute function tillgraph.report_listed();

-- reports_due answers companies of which something is due, a few at once, with their stores.
create function tillgraph.reports_due(p_now timestamptz, p_most integer)
    returns table (company uuid, slug text, store_ids uuid[])
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    for company, slug in
        select d.company_id, d.slug from company_directory d where d.report_due_at <= p_now order by d.report_due_at limit p_most
    loop
        execute format('set local app.tenant_id = %L', company);
        store_ids := array(select s.id from stores s where s.tenant_id = company order by s.id);
        return next;
    end loop;
end $$;

-- reports_rest says anew when something of a company is due. Who makes something due in the meantime has the company's
-- row of the directory, so that this waits for them.
create function tillgraph.reports_rest(p_company uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_company);
    perform from company_directory where company_id = p_company for update;
    update company_directory set report_due_at = (select min(due_at) from report_exports where tenant_id = p_company)
        where company_id = p_company;
end $$;

alter function tillgraph.report_listed() owner to tillgraph_gate;
alter function tillgraph.reports_due(timestamptz, integer) owner to tillgraph_gate;
alter function tillgraph.reports_rest(uuid) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.report_listed() from public;
revoke all on function tillgraph.reports_due(timestamptz, integer) from public;
revoke all on function tillgraph.reports_rest(uuid) from public;
