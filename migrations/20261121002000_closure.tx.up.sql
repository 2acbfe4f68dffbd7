-- An owner asks for the company to be deleted; until it is due, they can take that back.
alter table companies
    add column deletion_asked_at timestamptz,
    add column deletion_asked_by_id uuid,
    add column deletion_due_at timestamptz,
    add constraint companies_deletion_check check ((deletion_asked_at is null) = (deletion_due_at is null)
        and deletion_due_at >= deletion_asked_at);
grant update (deletion_asked_at, deletion_asked_by_id, deletion_due_at, version, updated_at) on companies to tillgraph_app;

-- Which companies are due is asked before any of them is entered.
alter table company_directory add column deletion_due_at timestamptz;
create index company_directory_due on company_directory (deletion_due_at) where deletion_due_at is not null;
grant select (deletion_due_at), update (deletion_due_at) on company_directory to tillgraph_gate;

-- Whatever a statement says: owners alone ask for it and take it back.
create function tillgraph.deletion_by_owners() returns trigger language plpgsql as $$
begin
    if not exists (select from users where tenant_id = new.tenant_id and role = 'OWNER' and status = 'ACTIVE'
            and id = nullif(current_setting('app.user_id', true), '')::uuid) then
        raise exception 'only an owner has the company deleted' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger deletion_by_owners before update of deletion_asked_at, deletion_asked_by_id, deletion_due_at on companies
    for each row when (current_user = 'tillgraph_app') execute function tillgraph.deletion_by_owners();

create function tillgraph.deletion_listed() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    update company_directory set deletion_due_at = new.deletion_due_at where company_id = new.tenant_id;
    return null;
end $$;
create trigger deletion_listed after update of deletion_due_at on companies for each row
    execute function tillgraph.deletion_listed();

-- companies_due answers the companies that are to be deleted by now, a few at once.
create function tillgraph.companies_due() returns setof uuid
    language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
    return query select company_id from company_directory where deletion_due_at <= now() order by deletion_due_at limit 20;
end $$;

create function tillgraph.stores_of(p_company uuid) returns uuid[]
    language plpgsql security definer set search_path = public, pg_temp as $$
begin
    execute format('set local app.tenant_id = %L', p_company);
    return array(select id from stores where tenant_id = p_company);
end $$;

grant create on schema tillgraph to tillgraph_gate;
alter function tillgraph.deletion_listed() owner to tillgraph_gate;
alter function tillgraph.companies_due() owner to tillgraph_gate;
alter function tillgraph.stores_of(uuid) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;

-- company_purge deletes all that belongs to a company which is due, and nothing else; false where it isn't due, is gone,
-- or another server is at it. It is the one function that the owner of the tables owns, who alone may delete from all of
-- them, and is under their policies as everybody. Tables go after those that refer to them, whichever there are.
create function tillgraph.company_purge(p_company uuid) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    remaining oid[];
    ready oid[];
    one oid;
begin
    perform from company_directory where company_id = p_company and deletion_due_at <= now() for update skip locked;
    if not found then
        return false;
    end if;
    execute format('set local app.store_ids = %L', tillgraph.stores_of(p_company));
    execute format('set local app.tenant_id = %L; set local app.user_id = %L; set local app.register_id = %L', p_company, '', '');
    remaining := array(select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and a.attname = 'tenant_id' and not a.attisdropped);
    while cardinality(remaining) > 0 loop
        ready := array(select r from unnest(remaining) r where not exists (select from pg_constraint k
            where k.contype = 'f' and k.confrelid = r and k.conrelid <> r and k.conrelid = any (remaining)));
        if cardinality(ready) = 0 then
            raise exception 'these tables refer to each other in a ring: %', remaining::regclass[];
        end if;
        foreach one in array ready loop
            execute format('delete from %s where tenant_id = $1', one::regclass) using p_company;
        end loop;
        remaining := array(select r from unnest(remaining) r where not r = any (ready));
    end loop;
    delete from company_directory where company_id = p_company;
    return true;
end $$;
revoke all on function tillgraph.deletion_listed() from public;
revoke all on function tillgraph.companies_due() from public;
revoke all on function tillgraph.stores_of(uuid) from public;
revoke all on function tillgraph.company_purge(uuid) from public;
do $$ begin execute format('grant execute on function tillgraph.stores_of(uuid) to %I', current_user); end $$;
