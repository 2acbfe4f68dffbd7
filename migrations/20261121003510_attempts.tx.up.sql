-- How often something was tried that is limited, by whichever server: log-ins to an account and from an address,
-- sign-ups, letters, pairing codes. The key is a hash: nobody reads here whose it is. It belongs to no company, because
-- nobody is known yet who tries.
create table attempts (
    key bytea primary key check (length(key) = 32),
    used integer not null,
    until timestamptz not null
) with (fillfactor = 70);
create index attempts_by_end on attempts (until);
revoke all on attempts from public;

grant usage, create on schema tillgraph to tillgraph_gate;
grant select, insert, update, delete on attempts to tillgraph_gate;

-- take_attempts counts attempts, in their order up to the first that is one too many, or gives them back. The server
-- says what time it is. What is over is forgotten now and then, and the oldest beyond 100,000.
create function tillgraph.take_attempts(
    p_now timestamptz, p_keys bytea[], p_allowed integer[], p_seconds integer[], p_back boolean[])
    returns table (granted boolean[], ends timestamptz[])
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    kept attempts;
begin
    -- Attempts that a crash forgets are few.
    set local synchronous_commit = off;
    for i in 1 .. cardinality(p_keys) loop
        if p_back[i] then
            update attempts a set used = greatest(a.used - 1, 0) where a.key = p_keys[i] and a.until > p_now;
            granted[i] := true;
            ends[i] := p_now;
            continue;
        end if;
        -- One more than is allowed stands for all that are too many.
        insert into attempts as a (key, used, until)
            values (p_keys[i], 1, p_now + make_interval(secs => p_seconds[i]))
            on conflict (key) do update set
                used = case when a.until <= p_now then 1 else least(a.used, p_allowed[i]) + 1 end,
                until = case when a.until <= p_now then excluded.until else a.until end
            returning a.* into kept;
        granted[i] := kept.used <= p_allowed[i];
        ends[i] := kept.until;
        if not granted[i] then
            update attempts a set used = p_allowed[i] where a.key = p_keys[i];
            exit;
        end if;
    end loop;
    if random() < 0.01 then
        delete from attempts a where a.key in (
            select o.key from attempts o where o.until <= greatest(p_now,
                coalesce((select l.until from attempts l order by l.until desc offset 100000 limit 1), p_now))
            order by o.until limit 10000 for update skip locked);
    end if;
    return next;
end $$;
alter function tillgraph.take_attempts(timestamptz, bytea[], integer[], integer[], boolean[]) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.take_attempts(timestamptz, bytea[], integer[], integer[], boolean[]) from public;
