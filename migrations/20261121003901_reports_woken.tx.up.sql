-- Who makes something due holds the company's row until it is written, also where something else is due earlier: so
-- reports_rest, which looks what is due and has that row, never overlooks it.
create or replace function tillgraph.report_listed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform from company_directory where company_id = new.tenant_id for update;
    update company_directory set report_due_at = new.due_at
        where company_id = new.tenant_id and (report_due_at is null or report_due_at > new.due_at);
    return null;
end $$;

-- When a report is due is nothing that is kept of a company, and is not written where it is as before.
drop trigger config_counted on company_directory;
create trigger config_counted before update on company_directory for each row
    when (old.report_due_at is not distinct from new.report_due_at)
    execute function tillgraph.config_counted();
create or replace function tillgraph.reports_rest(p_company uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    due timestamptz;
begin
    execute format('set local app.tenant_id = %L', p_company);
    perform from company_directory where company_id = p_company for update;
    due := least(
        (select min(due_at) from report_exports where tenant_id = p_company),
        (select min(due_at) from report_schedules where tenant_id = p_company),
        (select min(due_at) from report_alerts where tenant_id = p_company));
    update company_directory set report_due_at = due
        where company_id = p_company and report_due_at is distinct from due;
end $$;
