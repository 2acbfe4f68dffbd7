-- How many points a company, and each who asks for it, can spend on requests: a bucket that fills up again with time.
-- holder is a login, a person or a register; the company's own is all zeros. Servers lease points here for many
-- requests at once.
create table company_points (
    tenant_id uuid not null references companies on delete cascade,
    holder uuid not null,
    points double precision not null,
    counted_at timestamptz not null,
    primary key (tenant_id, holder)
) with (fillfactor = 50);
call tillgraph.protect('company_points', 'tenant');
grant select on company_points to tillgraph_app;

grant usage, create on schema tillgraph to tillgraph_gate;
grant select, insert, update, delete on company_points to tillgraph_gate;
do $$
declare
    own constant text := $q$tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
begin
    execute format('create policy gate on company_points for all to tillgraph_gate using (%s) with check (%s)', own, own);
end $$;

-- take_points gives as many points as are wanted and there of each holder, where each has what is needed; else none of
-- any. What comes back is put in before. The company's own holder comes first: whoever else takes waits for it.
create function tillgraph.take_points(
    p_tenant uuid, p_holders uuid[], p_most bigint[], p_per_second bigint[], p_need bigint[], p_want bigint[], p_back bigint[])
    returns table (granted bigint[], remaining bigint[])
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    level double precision;
    enough boolean := true;
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    -- Points that a crash forgets are no loss.
    set local synchronous_commit = off;
    for i in 1 .. cardinality(p_holders) loop
        insert into company_points as p (tenant_id, holder, points, counted_at)
            values (p_tenant, p_holders[i], p_most[i], clock_timestamp())
            on conflict (tenant_id, holder) do update set
                points = least(p_most[i], p.points + p_back[i]
                    + p_per_second[i] * greatest(0, extract(epoch from clock_timestamp() - p.counted_at))),
                counted_at = greatest(p.counted_at, clock_timestamp())
            returning p.points into level;
        remaining[i] := floor(level);
        granted[i] := 0;
        enough := enough and level >= p_need[i];
    end loop;
    if enough then
        for i in 1 .. cardinality(p_holders) loop
            granted[i] := greatest(0, least(p_want[i], remaining[i]));
            remaining[i] := remaining[i] - granted[i];
            update company_points p set points = p.points - granted[i] where p.tenant_id = p_tenant and p.holder = p_holders[i];
        end loop;
    end if;
    -- A bucket that is full again is as good as none.
    if random() < 0.01 then
        delete from company_points p where p.tenant_id = p_tenant and p.counted_at < clock_timestamp() - interval '1 hour';
    end if;
    return next;
end $$;
alter function tillgraph.take_points(uuid, uuid[], bigint[], bigint[], bigint[], bigint[], bigint[]) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.take_points(uuid, uuid[], bigint[], bigint[], bigint[], bigint[], bigint[]) from public;
