-- Front ends of a company's own, and the documents that they ask with.
create table apps (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    name text not null check (name ~ '^[a-z0-9][a-z0-9.-]{0,39}$'),
    document_rule text not null check (document_rule in ('ANY', 'REGISTERED')),
    created_at timestamptz not null,
    registered_at timestamptz not null,
    primary key (tenant_id, id),
    unique (tenant_id, name)
);
call tillgraph.protect('apps', 'tenant');
call tillgraph.trail('apps', 'App', 'id');
grant select, insert, update, delete on apps to tillgraph_app;
create trigger config_changed after insert or update or delete on apps for each row
    execute function tillgraph.config_changed();

-- A document never changes: its id stands for it for good.
create table app_documents (
    tenant_id uuid not null,
    app_id uuid not null,
    document_id text not null check (document_id ~ '^[A-Za-z0-9._~:-]{1,200}$'),
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    body text not null check (octet_length(body) between 1 and 65536),
    operations text[] not null,
    registered_at timestamptz not null,
    primary key (tenant_id, app_id, document_id),
    foreign key (tenant_id, app_id) references apps (tenant_id, id) on delete cascade
);
create index app_documents_by_document on app_documents (tenant_id, document_id);
create index app_documents_by_hash on app_documents (tenant_id, hash);
call tillgraph.protect('app_documents', 'tenant');
call tillgraph.trail('app_documents', 'App', 'app_id', 'document', '{}', '{body}');
grant select, insert, delete on app_documents to tillgraph_app;
grant update (registered_at) on app_documents to tillgraph_app;

-- Which documents the company answers is a switch of the company beside its features, so that it comes with the answer to
-- who somebody is: on where registered ones alone are answered, off where there are apps, and none where there are none.
grant insert, update, delete on company_features to tillgraph_gate;
grant create on schema tillgraph to tillgraph_gate;
create function tillgraph.documents_switch(p_only boolean) returns void
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    tenant constant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
begin
    if p_only is null then
        delete from company_features f where f.tenant_id = tenant and f.feature = 'REGISTERED_DOCUMENTS';
        return;
    end if;
    insert into company_features (tenant_id, feature, enabled) values (tenant, 'REGISTERED_DOCUMENTS', p_only)
        on conflict (tenant_id, feature) do update set enabled = p_only, changed_at = now()
        where company_features.enabled <> p_only;
end $$;
alter function tillgraph.documents_switch(boolean) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.documents_switch(boolean) from public;
grant execute on function tillgraph.documents_switch(boolean) to tillgraph_app;
