create or replace function tillgraph.reports_rest(p_company uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_company);
    perform from company_directory where company_id = p_company for update;
    update company_directory set report_due_at = (select min(due_at) from report_exports where tenant_id = p_company)
        where company_id = p_company;
end $$;
drop table report_deliveries, report_schedules;
