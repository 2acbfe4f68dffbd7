-- A company comes to be in one transaction, before which it has no scope.
alter table companies
    add column if not exists business_type text not null default 'RETAIL'
        check (business_type in ('RETAIL', 'RESTAURANT', 'SUPERMARKET', 'AUTO_SERVICE', 'DEALERSHIP'));

-- What a slug looks like: two that people would take for one another have the same.
alter table company_directory
    add column looks_like text not null generated always as
        (translate(replace(replace(replace(slug, '-', ''), 'rn', 'm'), 'vv', 'w'), '01i', 'oll')) stored,
    add unique (looks_like);

grant insert (slug, company_id, created_at) on company_directory to tillgraph_gate;
grant insert on companies to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;

-- company_create makes a company that has nothing yet. It comes before tillgraph.enter in the transaction that makes
-- the rest; who has entered a scope can't call it. Of two with one slug the second waits for the first, and then fails.
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

-- Whether somebody has shown that letters to their address reach them: who was here before, and who accepted an
-- invitation, has.
alter table users add column email_verified boolean not null default true;
grant update (email_verified) on users to tillgraph_app;

create table email_verifications (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    token_hash bytea not null check (length(token_hash) = 32),
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id) on delete cascade
);
create index email_verifications_by_user on email_verifications (tenant_id, user_id, created_at);
call tillgraph.protect('email_verifications', 'tenant');
grant select, insert on email_verifications to tillgraph_app;
grant update (used_at) on email_verifications to tillgraph_app;

-- Whatever a statement says: who hasn't shown their address invites nobody.
create function tillgraph.invited_by_verified() returns trigger language plpgsql as $$
begin
    if exists (select from users u where u.tenant_id = new.tenant_id and not u.email_verified
            and u.id = nullif(current_setting('app.user_id', true), '')::uuid) then
        raise exception 'who invites others verifies their own address first' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger invited_by_verified before insert or update of token_hash on user_invitations
    for each row when (current_user = 'tillgraph_app') execute function tillgraph.invited_by_verified();

-- Nor is an owner made by anybody but an owner, but for the first person of a company.
create function tillgraph.owners_by_owners() returns trigger language plpgsql as $$
begin
    if exists (select from users where tenant_id = new.tenant_id) and not exists (
            select from users where tenant_id = new.tenant_id and role = 'OWNER' and status = 'ACTIVE'
                and id = nullif(current_setting('app.user_id', true), '')::uuid) then
        raise exception 'only an owner makes an owner' using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger owners_by_owners before insert on users for each row
    when (current_user = 'tillgraph_app' and new.role = 'OWNER') execute function tillgraph.owners_by_owners();
