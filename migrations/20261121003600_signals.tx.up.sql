-- Signals: what was noticed of requests that may be an attack or a mistake, counted by the hour, each with the last one as
-- evidence. They inform, and nothing looks at them to refuse anything.
create table signals (
    tenant_id uuid not null references companies on delete cascade,
    hour timestamptz not null,
    kind text not null,
    occurrences bigint not null check (occurrences > 0),
    -- How many there usually are, of what is unusual.
    usual bigint,
    last_at timestamptz not null,
    user_id uuid,
    at_register_id uuid,
    operator text not null,
    address text not null,
    request_id text not null,
    operation text not null,
    primary key (tenant_id, hour, kind)
) with (fillfactor = 70);
call tillgraph.protect('signals', 'tenant');
call tillgraph.no_trail('signals', 'trail', 'what was noticed of requests');

-- What a company's requests took in an hour: what is usual is learned from it.
create table company_activity (
    tenant_id uuid not null references companies on delete cascade,
    hour timestamptz not null,
    requests bigint not null,
    micros bigint not null,
    rows_read bigint not null,
    primary key (tenant_id, hour)
) with (fillfactor = 50);
call tillgraph.protect('company_activity', 'tenant');
call tillgraph.no_trail('company_activity', 'sum', 'requests, by the hour');

-- What all requests took, for the share that a company had: of no company.
create table server_activity (
    hour timestamptz primary key,
    requests bigint not null,
    micros bigint not null,
    rows_read bigint not null,
    companies bigint not null
) with (fillfactor = 50);

-- Signals for operators alone: of nobody known, and what a company must not be told of its own requests, since it would
-- learn from it what there is of others.
create table operator_signals (
    -- Null for nobody known.
    company_id uuid references company_directory (company_id) on delete cascade,
    hour timestamptz not null,
    kind text not null,
    occurrences bigint not null check (occurrences > 0),
    share_of_time double precision,
    share_of_rows double precision,
    last_at timestamptz not null,
    user_id uuid,
    at_register_id uuid,
    operator text not null,
    address text not null,
    request_id text not null,
    operation text not null,
    unique nulls not distinct (company_id, hour, kind)
) with (fillfactor = 70);
create index operator_signals_by_hour on operator_signals (hour);

grant select on signals, company_activity to tillgraph_app;
grant select, insert, update, delete on signals, company_activity, server_activity, operator_signals to tillgraph_gate;
do $$
declare
    own constant text := $q$tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
    t text;
begin
    foreach t in array '{signals,company_activity}'::text[] loop
        execute format('create policy gate on %I for all to tillgraph_gate using (%s) with check (%s)', t, own, own);
    end loop;
end $$;

grant create on schema tillgraph to tillgraph_gate;

-- signal_add adds what a server noticed to what is there, so that several count together, and says what an hour has that
-- is unusual for the company, or for what all have. slug is null where there is no such company; alerted are the kinds
-- that the hour didn't have before.
--
-- Unusual is more than twice the mean of the same hour on the 28 days before and more than four standard deviations
-- above it, at 100 requests or 10,000 rows at least, for a company that is known for 14 days: until then it is learned.
--
-- Slow is who has a quarter of the time or of the rows of all, and four times what would be its share, in an hour of a
-- minute of time or a million rows at least.
create function tillgraph.signal_add(p_tenant uuid, p_activity jsonb, p_signals jsonb)
    returns table (slug text, alerted text[])
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    one record;
    judged record;
    own company_activity;
    total server_activity;
    fresh boolean;
    first timestamptz;
    mean double precision;
    spread double precision;
    fair double precision;
    at constant timestamptz := clock_timestamp();
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    -- A count that a crash forgets is no loss.
    set local synchronous_commit = off;
    alerted := '{}';
    select d.slug into slug from company_directory d where d.company_id = p_tenant for key share;
    if not found or not exists (select from companies c where c.tenant_id = p_tenant) then
        slug := null;
        return next;
        return;
    end if;
    insert into signals as s (tenant_id, hour, kind, occurrences, last_at, user_id, at_register_id, operator, address, request_id, operation)
    select p_tenant, r.hour, r.kind, r.occurrences, r.last_at, r.user_id, r.at_register_id, r.operator, r.address, r.request_id, r.operation
    from jsonb_to_recordset(p_signals) r (hour timestamptz, kind text, occurrences bigint, last_at timestamptz, user_id uuid,
        at_register_id uuid, operator text, address text, request_id text, operation text)
    order by r.hour, r.kind
    on conflict (tenant_id, hour, kind) do update set occurrences = s.occurrences + excluded.occurrences,
        (last_at, user_id, at_register_id, operator, address, request_id, operation) = (
            select excluded.last_at, excluded.user_id, excluded.at_register_id, excluded.operator, excluded.address,
                excluded.request_id, excluded.operation where excluded.last_at >= s.last_at
            union all
            select s.last_at, s.user_id, s.at_register_id, s.operator, s.address, s.request_id, s.operation
                where excluded.last_at < s.last_at);
    for one in
        select r.* from jsonb_to_recordset(p_activity) r (hour timestamptz, requests bigint, micros bigint, rows_read bigint)
        order by r.hour
    loop
        insert into company_activity as a (tenant_id, hour, requests, micros, rows_read)
            values (p_tenant, one.hour, one.requests, one.micros, one.rows_read)
            on conflict (tenant_id, hour) do update set requests = a.requests + excluded.requests,
                micros = a.micros + excluded.micros, rows_read = a.rows_read + excluded.rows_read
            returning a.*, a.xmax = 0 into own.tenant_id, own.hour, own.requests, own.micros, own.rows_read, fresh;
        insert into server_activity as a (hour, requests, micros, rows_read, companies)
            values (one.hour, one.requests, one.micros, one.rows_read, 1)
            on conflict (hour) do update set requests = a.requests + excluded.requests,
                micros = a.micros + excluded.micros, rows_read = a.rows_read + excluded.rows_read,
                companies = a.companies + fresh::integer
            returning a.* into total;
        select min(a.hour) into first from company_activity a where a.tenant_id = p_tenant;
        if first <= own.hour - interval '14 days' and (own.requests >= 100 or own.rows_read >= 10000) then
            for judged in select * from (values
                ('UNUSUAL_REQUESTS', own.requests, 100), ('UNUSUAL_ROWS', own.rows_read, 10000)) v (kind, seen, least)
                where v.seen >= v.least
            loop
                select avg(n.seen), stddev_pop(n.seen) into mean, spread from (
                    select coalesce(case judged.kind when 'UNUSUAL_ROWS' then a.rows_read else a.requests end, 0) as seen
                    from generate_series(1, 28) day (ago) left join company_activity a
                        on a.tenant_id = p_tenant and a.hour = own.hour - day.ago * interval '24 hours'
                    where own.hour - day.ago * interval '24 hours' >= first) n;
                if judged.seen > 2 * mean and judged.seen > mean + 4 * spread then
                    insert into signals as s (tenant_id, hour, kind, occurrences, usual, last_at, operator, address, request_id, operation)
                        values (p_tenant, own.hour, judged.kind, judged.seen, round(mean), at, '', '', '', '')
                        on conflict (tenant_id, hour, kind) do update set occurrences = excluded.occurrences,
                            usual = excluded.usual, last_at = excluded.last_at
                        returning s.xmax = 0 into fresh;
                    if fresh then
                        alerted := alerted || judged.kind;
                    end if;
                end if;
            end loop;
        end if;
        fair := greatest(0.25, 4.0 / total.companies);
        if total.micros >= 60000000 and own.micros >= fair * total.micros
            or total.rows_read >= 1000000 and own.rows_read >= fair * total.rows_read
        then
            insert into operator_signals as s (company_id, hour, kind, occurrences, share_of_time, share_of_rows, last_at,
                    operator, address, request_id, operation)
                values (p_tenant, own.hour, 'SLOW', own.requests, own.micros::double precision / greatest(total.micros, 1),
                    own.rows_read::double precision / greatest(total.rows_read, 1), at, '', '', '', '')
                on conflict (company_id, hour, kind) do update set occurrences = excluded.occurrences,
                    share_of_time = excluded.share_of_time, share_of_rows = excluded.share_of_rows, last_at = excluded.last_at
                returning s.xmax = 0 into fresh;
            if fresh then
                alerted := alerted || 'SLOW'::text;
            end if;
        end if;
    end loop;
    return next;
end $$;

-- signal_operators adds what operators alone are told to what is there. A company that is gone has none.
create function tillgraph.signal_operators(p_signals jsonb) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    set local synchronous_commit = off;
    insert into operator_signals as s (company_id, hour, kind, occurrences, last_at, user_id, at_register_id, operator, address,
        request_id, operation)
    select r.company_id, r.hour, r.kind, r.occurrences, r.last_at, r.user_id, r.at_register_id, r.operator, r.address, r.request_id,
        r.operation
    from jsonb_to_recordset(p_signals) r (company_id uuid, hour timestamptz, kind text, occurrences bigint, last_at timestamptz,
        user_id uuid, at_register_id uuid, operator text, address text, request_id text, operation text)
    where r.company_id is null or exists (select from company_directory d where d.company_id = r.company_id)
    order by r.company_id, r.hour, r.kind
    on conflict (company_id, hour, kind) do update set occurrences = s.occurrences + excluded.occurrences,
        (last_at, user_id, at_register_id, operator, address, request_id, operation) = (
            select excluded.last_at, excluded.user_id, excluded.at_register_id, excluded.operator, excluded.address,
                excluded.request_id, excluded.operation where excluded.last_at >= s.last_at
            union all
            select s.last_at, s.user_id, s.at_register_id, s.operator, s.address, s.request_id, s.operation
                where excluded.last_at < s.last_at);
end $$;

-- signal_keep removes what is older than 90 days: of a company, and of none.
create function tillgraph.signal_keep(p_tenant uuid) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    oldest constant timestamptz := now() - interval '90 days';
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    delete from signals s where s.tenant_id = p_tenant and s.hour < oldest;
    delete from company_activity a where a.tenant_id = p_tenant and a.hour < oldest;
    delete from operator_signals s where s.hour < oldest;
    delete from server_activity a where a.hour < oldest;
end $$;

alter function tillgraph.signal_add(uuid, jsonb, jsonb) owner to tillgraph_gate;
alter function tillgraph.signal_operators(jsonb) owner to tillgraph_gate;
alter function tillgraph.signal_keep(uuid) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.signal_add(uuid, jsonb, jsonb) from public;
revoke all on function tillgraph.signal_operators(jsonb) from public;
revoke all on function tillgraph.signal_keep(uuid) from public;
