drop trigger company_sells on till_sessions;
drop trigger company_sells on parked_sales;
drop trigger company_sells on sales;
drop function tillgraph.company_sells();
drop function tillgraph.company_bill(text, text, text, text, timestamptz, bytea);
drop function tillgraph.company_create(uuid, text, text, text, text, text, timestamptz, text);
grant create on schema tillgraph to tillgraph_gate;
create function tillgraph.company_create(p_company uuid, p_slug text, p_name text, p_country text, p_currency text,
        p_business_type text, p_at timestamptz) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    insert into company_directory (slug, company_id, created_at) values (p_slug, p_company, p_at);
    execute format('set local app.tenant_id = %L', p_company);
    insert into companies (tenant_id, slug, name, country_code, currency_code, business_type, created_at, updated_at)
        values (p_company, p_slug, p_name, p_country, p_currency, p_business_type, p_at, p_at);
end $$;
alter function tillgraph.company_create(uuid, text, text, text, text, text, timestamptz) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.company_create(uuid, text, text, text, text, text, timestamptz) from public;
revoke update (status, version, updated_at) on companies from tillgraph_gate;
drop table billing_events;
alter table company_directory drop column if exists plan;
