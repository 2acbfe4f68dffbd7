-- Who was on the clock, where and when. An open entry refers to the person's access to its store, so that nobody
-- clocks in where they don't work; once it is closed it stays, whatever becomes of the access. The reference is
-- checked at the end of a transaction, because access is rewritten by removing and inserting it. Who has all stores has
-- no row for one: the trigger below, and no statement, says whether there is something to refer to.
create table time_entries (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    -- Whole minutes, so that hours add up exactly.
    clocked_in_at timestamptz not null check (extract(epoch from clocked_in_at)::bigint % 60 = 0),
    clocked_out_at timestamptz check (extract(epoch from clocked_out_at)::bigint % 60 = 0),
    access_user_id uuid,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, store_id, id),
    check (clocked_out_at >= clocked_in_at),
    -- Who forgets the clock is off it after a day; it also bounds what hours have to be read for a few days.
    check (clocked_out_at - clocked_in_at <= interval '24 hours'),
    foreign key (tenant_id, user_id) references users (tenant_id, id),
    foreign key (tenant_id, store_id) references stores (tenant_id, id) on delete cascade,
    foreign key (tenant_id, access_user_id, store_id) references user_stores (tenant_id, user_id, store_id)
        deferrable initially deferred
);
-- A person is on the clock once.
create unique index time_entries_open on time_entries (tenant_id, user_id) where clocked_out_at is null;
create index time_entries_by_user on time_entries (tenant_id, user_id, clocked_in_at, id);
create index time_entries_by_time on time_entries (tenant_id, clocked_in_at, id);
create statistics time_entries_tenant_store (dependencies) on tenant_id, store_id from time_entries;
call tillgraph.protect('time_entries', 'store');
grant select, insert on time_entries to tillgraph_app;
grant update (clocked_in_at, clocked_out_at, version, updated_at) on time_entries to tillgraph_app;

create function tillgraph.time_entry_access() returns trigger language plpgsql as $$
begin
    new.access_user_id := case when new.clocked_out_at is null and not exists (
        select from users u where u.tenant_id = new.tenant_id and u.id = new.user_id
            and (u.role = 'OWNER' or u.all_stores)) then new.user_id end;
    return new;
end $$;
create trigger time_entry_access before insert or update on time_entries
    for each row execute function tillgraph.time_entry_access();

create table time_breaks (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    entry_id uuid not null,
    started_at timestamptz not null check (extract(epoch from started_at)::bigint % 60 = 0),
    ended_at timestamptz check (extract(epoch from ended_at)::bigint % 60 = 0),
    primary key (tenant_id, id),
    check (ended_at >= started_at),
    foreign key (tenant_id, store_id, entry_id) references time_entries (tenant_id, store_id, id) on delete cascade
);
create unique index time_breaks_open on time_breaks (tenant_id, entry_id) where ended_at is null;
create index time_breaks_by_entry on time_breaks (tenant_id, entry_id, started_at);
call tillgraph.protect('time_breaks', 'store');
grant select, insert, delete on time_breaks to tillgraph_app;
grant update (ended_at) on time_breaks to tillgraph_app;

-- What an entry said before a correction, who corrected it and why: a ledger, without a grant to change or remove.
create table time_entry_changes (
    tenant_id uuid not null,
    store_id uuid not null,
    id uuid not null,
    entry_id uuid not null,
    changed_by_id uuid,
    reason text not null check (length(reason) between 1 and 500),
    old_clocked_in_at timestamptz not null,
    old_clocked_out_at timestamptz,
    -- The breaks as they were: begin and end of each, in turn; an open one has no end.
    old_breaks timestamptz[] not null default '{}',
    created_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, store_id, entry_id) references time_entries (tenant_id, store_id, id) on delete cascade,
    foreign key (tenant_id, changed_by_id) references users (tenant_id, id)
);
create index time_entry_changes_by_entry on time_entry_changes (tenant_id, entry_id, created_at);
call tillgraph.protect('time_entry_changes', 'store');
grant select, insert on time_entry_changes to tillgraph_app;

-- The gate sees and ends the times of a person in stores that aren't the scope's, of the scope's company alone.
grant select on time_entries, time_breaks to tillgraph_gate;
grant update (clocked_out_at, access_user_id, version, updated_at) on time_entries to tillgraph_gate;
grant update (ended_at) on time_breaks to tillgraph_gate;
create policy gate on time_entries to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
    with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy gate on time_breaks to tillgraph_gate
    using (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
    with check (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));

-- Who loses a store, or is let go, is clocked out there at once, also where who did it doesn't see the store. It runs
-- at the end of the transaction, before the reference above is looked at: triggers go by name, and capitals come first.
create function tillgraph.clock_out() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    person uuid;
    now_minute constant timestamptz := date_trunc('minute', now());
begin
    person := case tg_table_name when 'users' then to_jsonb(old) ->> 'id' else to_jsonb(old) ->> 'user_id' end;
    execute format('set local app.tenant_id = %L', old.tenant_id);
    with ended as (
        update time_entries e set version = e.version + 1, updated_at = now(),
            clocked_out_at = least(greatest(e.clocked_in_at, now_minute), e.clocked_in_at + interval '24 hours')
        where e.tenant_id = old.tenant_id and e.user_id = person and e.clocked_out_at is null
            and not exists (select from users u where u.tenant_id = e.tenant_id and u.id = person
                and u.status = 'ACTIVE' and (u.role = 'OWNER' or u.all_stores or exists (select from user_stores a
                    where a.tenant_id = e.tenant_id and a.user_id = person and a.store_id = e.store_id)))
        returning e.tenant_id, e.id, e.clocked_out_at
    )
    update time_breaks b set ended_at = greatest(b.started_at, ended.clocked_out_at)
        from ended where b.tenant_id = ended.tenant_id and b.entry_id = ended.id and b.ended_at is null;
    return null;
end $$;
create constraint trigger "A_clock_out" after delete on user_stores deferrable initially deferred
    for each row execute function tillgraph.clock_out();
create constraint trigger "A_clock_out" after update of status, role, all_stores on users deferrable initially deferred
    for each row execute function tillgraph.clock_out();

-- on_the_clock says whether another time of a time's person lies between two instants, in whatever store.
create function tillgraph.on_the_clock(p_entry uuid, p_from timestamptz, p_to timestamptz) returns boolean
    language plpgsql stable security definer set search_path = public, pg_temp as $$
declare
    tenant constant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
begin
    return exists (select from time_entries e join time_entries other
            on other.tenant_id = e.tenant_id and other.user_id = e.user_id and other.id <> e.id
        where e.tenant_id = tenant and e.id = p_entry and other.clocked_in_at < p_to
            and other.clocked_in_at > p_from - interval '24 hours'
            and (other.clocked_out_at is null or other.clocked_out_at > p_from));
end $$;

grant create on schema tillgraph to tillgraph_gate;
alter function tillgraph.clock_out() owner to tillgraph_gate;
alter function tillgraph.on_the_clock(uuid, timestamptz, timestamptz) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.clock_out() from public;
revoke all on function tillgraph.on_the_clock(uuid, timestamptz, timestamptz) from public;
grant execute on function tillgraph.on_the_clock(uuid, timestamptz, timestamptz) to tillgraph_app;
