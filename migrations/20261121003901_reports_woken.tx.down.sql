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
drop trigger config_counted on company_directory;
create trigger config_counted before update on company_directory for each row
    execute function tillgraph.config_counted();
create or replace function tillgraph.report_listed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update company_directory set report_due_at = new.due_at
        where company_id = new.tenant_id and (report_due_at is null or report_due_at > new.due_at);
    return null;
end $$;
