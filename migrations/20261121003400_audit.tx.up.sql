-- The trail: every change of data is a record that is written with it, whoever changes it and by whichever way, and every
-- access is one. Nobody that the server can be changes or removes a record; what a superuser does behind its back is
-- found by the chain that seals them.
create table audit_events (
    tenant_id uuid not null,
    -- The zero UUID for what belongs to the company and to none of its stores.
    store_id uuid not null,
    id uuid not null,
    at timestamptz not null,
    -- The transaction that wrote it: what is sealed is never behind one that goes on.
    xid xid8 not null default pg_current_xact_id(),
    user_id uuid,
    at_register_id uuid,
    -- Who it was where it was no user and no register of the company.
    operator text not null,
    address text not null,
    request_id text not null,
    operation text not null,
    -- What it is about, and the part of that which changed; '' for the thing itself.
    object_type text not null,
    object_id uuid not null,
    part text not null,
    verb text not null check (verb in ('CREATED', 'CHANGED', 'REMOVED')),
    -- The fields that changed; secrets and what tells who a person is are '***'.
    was jsonb,
    became jsonb,
    reason text not null,
    primary key (tenant_id, id)
);
create index audit_events_by_object on audit_events (tenant_id, object_id, id);
create index audit_events_by_user on audit_events (tenant_id, user_id, id) where user_id is not null;
create index audit_events_by_xid on audit_events (tenant_id, xid);
call tillgraph.protect('audit_events', 'store');
grant select on audit_events to tillgraph_app;

create table audit_accesses (
    tenant_id uuid not null,
    -- The one store that it was about; the zero UUID for several, and for none.
    store_id uuid not null,
    id uuid not null,
    at timestamptz not null,
    xid xid8 not null default pg_current_xact_id(),
    user_id uuid,
    at_register_id uuid,
    operator text not null,
    address text not null,
    request_id text not null,
    -- The name that the client gave, what it was, and the SHA-256 of the document in hex.
    operation text not null,
    kind text not null check (kind in ('QUERY', 'MUTATION', 'NONE', 'LOST')),
    document text not null,
    types text[] not null,
    store_ids uuid[] not null,
    rows_answered integer not null,
    micros bigint not null,
    outcome text not null check (outcome in ('ANSWERED', 'REFUSED', 'FAILED')),
    codes text[] not null,
    -- Of LOST: how many accesses have no record.
    lost bigint not null,
    primary key (tenant_id, id)
);
create index audit_accesses_by_user on audit_accesses (tenant_id, user_id, id) where user_id is not null;
create index audit_accesses_by_xid on audit_accesses (tenant_id, xid);
call tillgraph.protect('audit_accesses', 'store');
grant select on audit_accesses to tillgraph_app;

-- The chain: the hash of each record together with the hash of the one before it.
create table audit_seals (
    tenant_id uuid not null,
    position bigint not null check (position > 0),
    record_id uuid not null,
    digest bytea not null check (length(digest) = 32),
    sealed_at timestamptz not null,
    primary key (tenant_id, position),
    unique (tenant_id, record_id)
);
call tillgraph.protect('audit_seals', 'tenant');
grant select on audit_seals to tillgraph_app;

create table audit_heads (
    tenant_id uuid primary key,
    position bigint not null,
    digest bytea not null check (length(digest) = 32),
    -- What earlier transactions wrote is sealed.
    horizon xid8 not null,
    -- The last one that is not kept any more: the chain goes on from its hash.
    kept_position bigint not null,
    kept_digest bytea not null check (length(kept_digest) = 32),
    sealed_at timestamptz not null
);
call tillgraph.protect('audit_heads', 'tenant');
grant select on audit_heads to tillgraph_app;

grant insert on audit_events, audit_accesses to tillgraph_gate;
grant select on audit_events, audit_accesses to tillgraph_gate;
grant select, insert on audit_seals to tillgraph_gate;
grant select, insert, update on audit_heads to tillgraph_gate;
do $$
declare
    own constant text := $q$tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)$q$;
    t text;
begin
    foreach t in array '{audit_events,audit_accesses,audit_seals,audit_heads}'::text[] loop
        execute format('create policy gate on %I for all to tillgraph_gate using (%s) with check (%s)', t, own, own);
    end loop;
end $$;

-- enter with what the trail says of the request, a JSON object.
create function tillgraph.enter(p_tenant uuid, p_stores uuid[], p_user uuid, p_register uuid, p_trail text) returns void
    language plpgsql as $$
begin
    execute format('set local app.trail = %L', coalesce(p_trail, ''));
    perform tillgraph.enter(p_tenant, p_stores, p_user, p_register);
end $$;
revoke all on function tillgraph.enter(uuid, uuid[], uuid, uuid, text) from public;

grant create on schema tillgraph to tillgraph_gate;

-- record_id makes a UUIDv7 of an instant, to the microsecond.
create function tillgraph.record_id(p_at timestamptz) returns uuid
    language plpgsql volatile set search_path = pg_temp as $$
declare
    micros constant bigint := (extract(epoch from p_at) * 1000000)::bigint;
    hex constant text := lpad(to_hex(micros / 1000), 12, '0');
begin
    return overlay(gen_random_uuid()::text placing
        substr(hex, 1, 8) || '-' || substr(hex, 9, 4) || '-7' || lpad(to_hex(micros % 1000 * 4), 3, '0')
        from 1 for 18)::uuid;
end $$;
alter function tillgraph.record_id(timestamptz) owner to tillgraph_gate;
revoke all on function tillgraph.record_id(timestamptz) from public;

-- audited writes the record of a row that changed. Its arguments: what the row is about, the column with the id of that,
-- which part of it the row is, the columns that are masked and those that are left out.
create function tillgraph.audited() returns trigger
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    masked constant text[] := tg_argv[3]::text[];
    omitted constant text[] := tg_argv[4]::text[];
    whole constant jsonb := case tg_op when 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    scope constant text := current_setting('app.tenant_id', true);
    trail constant jsonb := nullif(current_setting('app.trail', true), '')::jsonb;
    at constant timestamptz := clock_timestamp();
    before jsonb;
    after jsonb;
begin
    if tg_op = 'INSERT' then
        after := jsonb_strip_nulls(whole - omitted);
    elsif tg_op = 'DELETE' then
        -- What goes with its company leaves nothing.
        if exists (select from company_directory where company_id = old.tenant_id and deletion_due_at <= now()) then
            return null;
        end if;
        before := jsonb_strip_nulls(whole - omitted);
    else
        before := to_jsonb(old) - omitted;
        select jsonb_object_agg(n.key, before -> n.key), jsonb_object_agg(n.key, n.value) into before, after
            from jsonb_each(whole - omitted) n where n.value is distinct from before -> n.key;
        if after is null then
            return null;
        end if;
    end if;
    if masked <> '{}' then
        before := (select jsonb_object_agg(key, case when key = any (masked) and value not in ('null', '""')
            then '"***"' else value end) from jsonb_each(before));
        after := (select jsonb_object_agg(key, case when key = any (masked) and value not in ('null', '""')
            then '"***"' else value end) from jsonb_each(after));
    end if;
    -- Outside of a scope, as operators and migrations are, a statement may be about several companies.
    if scope is distinct from whole ->> 'tenant_id' then
        perform set_config('app.tenant_id', whole ->> 'tenant_id', true);
    end if;
    insert into audit_events (tenant_id, store_id, id, at, user_id, at_register_id, operator, address, request_id, operation,
        object_type, object_id, part, verb, was, became, reason)
    values ((whole ->> 'tenant_id')::uuid,
        coalesce(whole ->> case tg_argv[0] when 'Store' then tg_argv[1] else 'store_id' end,
            '00000000-0000-0000-0000-000000000000')::uuid,
        tillgraph.record_id(at), at,
        nullif(current_setting('app.user_id', true), '')::uuid, nullif(current_setting('app.register_id', true), '')::uuid,
        coalesce(trail ->> 'operator', case when coalesce(scope, '') = '' then session_user::text else '' end),
        coalesce(trail ->> 'address', ''), coalesce(trail ->> 'request', ''), coalesce(trail ->> 'operation', ''),
        tg_argv[0], (whole ->> tg_argv[1])::uuid, tg_argv[2],
        case tg_op when 'INSERT' then 'CREATED' when 'UPDATE' then 'CHANGED' else 'REMOVED' end, before, after,
        coalesce(after ->> 'void_reason', after ->> 'decision_reason', after ->> 'approval_reason', after ->> 'reason', ''));
    if scope is distinct from whole ->> 'tenant_id' then
        perform set_config('app.tenant_id', coalesce(scope, ''), true);
    end if;
    return null;
end $$;
alter function tillgraph.audited() owner to tillgraph_gate;
revoke all on function tillgraph.audited() from public;

-- trail puts a table on the trail: its rows are about p_type, whose id is in p_id, and are this part of it. Who makes a
-- table calls it, or no_trail.
create procedure tillgraph.trail(p_table regclass, p_type text, p_id text, p_part text default '',
        p_masked text[] default '{}', p_omitted text[] default '{}')
    language plpgsql as $$
begin
    -- What is kept to tell versions and repeated requests apart is no data.
    execute format('create trigger audited after insert or update or delete on %s for each row
        execute function tillgraph.audited(%L, %L, %L, %L, %L)', p_table, p_type, p_id, p_part, p_masked,
        p_omitted || '{tenant_id,updated_at,version,config_version,request_hash,request_key,idempotency_key}'::text[]);
end $$;
revoke all on procedure tillgraph.trail(regclass, text, text, text, text[], text[]) from public;

-- no_trail says why a table is not on it:
--   part     its rows are only ever added, together with what the record is about
--   sum      it follows from other tables
--   secret   it lets people and devices in for a while; the accesses tell of it
--   trail    it is the trail
create procedure tillgraph.no_trail(p_table regclass, p_kind text, p_reason text)
    language plpgsql as $$
begin
    execute format('comment on table %s is %L', p_table, 'no trail, ' || p_kind || ': ' || p_reason);
end $$;
revoke all on procedure tillgraph.no_trail(regclass, text, text) from public;

call tillgraph.trail('companies', 'Company', 'tenant_id');
call tillgraph.trail('company_settings', 'Company', 'tenant_id', 'settings');
call tillgraph.trail('company_features', 'Company', 'tenant_id', 'feature');
call tillgraph.trail('company_domains', 'CompanyDomain', 'id', '', '{token}');
call tillgraph.trail('billing_events', 'Company', 'tenant_id', 'billing', '{body_hash}');
call tillgraph.trail('stores', 'Store', 'id');
call tillgraph.trail('registers', 'Register', 'id', '', '{}', '{last_seen_at}');
call tillgraph.trail('register_keys', 'Register', 'register_id', 'key', '{key_hash}');
call tillgraph.trail('users', 'User', 'id', '', '{email,name,external_subject,staff_number}');
call tillgraph.trail('user_stores', 'User', 'user_id', 'store');
call tillgraph.trail('user_credentials', 'User', 'user_id', 'password', '{password_hash}');
call tillgraph.trail('user_invitations', 'User', 'user_id', 'invitation', '{token_hash}');
call tillgraph.trail('user_pins', 'User', 'user_id', 'PIN', '{pin_hash}', '{failures}');
call tillgraph.trail('user_second_factors', 'User', 'user_id', 'second factor', '{secret}', '{last_step,failures,locked_until}');
call tillgraph.trail('user_recovery_codes', 'User', 'user_id', 'recovery code', '{code_hash}');
call tillgraph.trail('custom_roles', 'CustomRole', 'id');
call tillgraph.trail('time_entries', 'TimeEntry', 'id');
call tillgraph.trail('time_breaks', 'TimeEntry', 'entry_id', 'break');
call tillgraph.trail('time_entry_changes', 'TimeEntry', 'entry_id', 'correction');
call tillgraph.trail('approvals', 'Approval', 'id');
call tillgraph.trail('categories', 'Category', 'id');
call tillgraph.trail('products', 'Product', 'id');
call tillgraph.trail('product_barcodes', 'Product', 'product_id', 'barcode');
call tillgraph.trail('product_availability', 'Product', 'product_id', 'availability');
call tillgraph.trail('store_prices', 'Product', 'product_id', 'store price');
call tillgraph.trail('barcode_rules', 'Company', 'tenant_id', 'barcode rule');
call tillgraph.trail('price_lists', 'PriceList', 'id');
call tillgraph.trail('price_list_stores', 'PriceList', 'price_list_id', 'store');
call tillgraph.trail('price_list_items', 'PriceList', 'price_list_id', 'price');
call tillgraph.trail('tax_categories', 'TaxCategory', 'id');
call tillgraph.trail('tax_rates', 'TaxCategory', 'tax_category_id', 'rate');
call tillgraph.trail('store_tax_rates', 'TaxCategory', 'tax_category_id', 'store rate');
-- Balances follow from the ledgers.
call tillgraph.trail('customers', 'Customer', 'id', '', '{name,phone,email,tax_number,notes}',
    '{store_credit,account_owed,points,points_spend}');
call tillgraph.trail('gift_cards', 'GiftCard', 'id', '', '{code_hash}', '{balance}');
call tillgraph.trail('account_payments', 'Customer', 'customer_id', 'payment');
call tillgraph.trail('sales', 'Sale', 'id');
call tillgraph.trail('receipt_conflicts', 'Register', 'register_id', 'receipt conflict');
call tillgraph.trail('parked_sales', 'ParkedSale', 'id');
call tillgraph.trail('parked_sale_lines', 'ParkedSale', 'parked_sale_id', 'line');
call tillgraph.trail('till_sessions', 'TillSession', 'id');
call tillgraph.trail('till_holders', 'TillSession', 'session_id', 'holder');
call tillgraph.trail('till_counts', 'TillSession', 'session_id', 'count');
call tillgraph.trail('drawer_movements', 'TillSession', 'session_id', 'drawer');
call tillgraph.trail('till_z_reports', 'TillSession', 'session_id', 'Z report');

call tillgraph.trail('support_accesses', 'SupportAccess', 'id');
call tillgraph.trail('report_exports', 'ReportExport', 'id', '', '{}',
    '{pages_done,row_count,problem,finished_at,due_at,claim,failures}');
call tillgraph.trail('report_schedules', 'ReportSchedule', 'id', '', '{}', '{period,last_sent_at,due_at,claim}');
call tillgraph.trail('report_alerts', 'ReportAlert', 'id', '', '{}', '{due_at,claim}');

-- What a sale moves is in the sale; what people move has a record.
create trigger audited after insert on stock_movements for each row when (new.sale_id is null)
    execute function tillgraph.audited('Product', 'product_id', 'stock', '{}', '{tenant_id}');
create trigger audited after insert on ledger_entries for each row when (new.sale_id is null and new.customer_id is not null)
    execute function tillgraph.audited('Customer', 'customer_id', 'ledger', '{}', '{tenant_id}');
create trigger audited_card after insert on ledger_entries for each row when (new.sale_id is null and new.gift_card_id is not null)
    execute function tillgraph.audited('GiftCard', 'gift_card_id', 'ledger', '{}', '{tenant_id}');
-- A level is the sum of its movements, but for its threshold.
create trigger audited after update on inventory_levels for each row
    when (old.low_stock_threshold is distinct from new.low_stock_threshold)
    execute function tillgraph.audited('Product', 'product_id', 'stock threshold', '{}',
        '{tenant_id,quantity,reserved,average_cost,movement_count,low_stock,updated_at}');
create trigger audited_new after insert on inventory_levels for each row when (new.low_stock_threshold is not null)
    execute function tillgraph.audited('Product', 'product_id', 'stock threshold', '{}',
        '{tenant_id,quantity,reserved,average_cost,movement_count,low_stock,updated_at}');

do $$
declare
    one record;
begin
    for one in select * from (values
        ('sale_lines', 'part', 'added with their sale, and never changed'),
        ('payments', 'part', 'added with their sale, and never changed'),
        ('sale_line_taxes', 'part', 'added with their sale, and never changed'),
        ('sale_discounts', 'part', 'added with their sale, and never changed'),
        ('sale_idempotency_keys', 'part', 'added with what was asked under the key, and never changed'),
        ('ledger_idempotency_keys', 'part', 'added with what was asked under the key, and never changed'),
        ('till_idempotency_keys', 'part', 'added with what was asked under the key, and never changed'),
        ('stock_idempotency_keys', 'part', 'added with what was asked under the key, and never changed'),
        ('company_settings_changes', 'part', 'added with each change of the settings, and never changed'),
        ('returned_quantities', 'sum', 'what came back, of the lines of sales'),
        ('receipt_counters', 'sum', 'the number after the last receipt''s'),
        ('receipt_gaps', 'sum', 'the numbers between receipts'''),
        ('product_words', 'sum', 'the words of products'' names'),
        ('customer_words', 'sum', 'the words of customers'' names'),
        ('report_pending', 'sum', 'what the sums of reports don''t hold yet'),
        ('report_days', 'sum', 'sums of receipts'), ('report_hours', 'sum', 'sums of receipts'),
        ('report_products', 'sum', 'sums of receipts'), ('report_categories', 'sum', 'sums of receipts'),
        ('report_tenders', 'sum', 'sums of receipts'), ('report_taxes', 'sum', 'sums of receipts'),
        ('report_reasons', 'sum', 'sums of receipts'),
        ('report_export_pages', 'sum', 'parts of files that are made of reports'),
        ('report_deliveries', 'sum', 'which letters were sent'), ('report_notices', 'sum', 'what alerts found'),
        ('company_points', 'sum', 'what requests may still cost'),
        ('support_acts', 'trail', 'the log of what operators did'),
        ('sessions', 'secret', 'logins'), ('refresh_tokens', 'secret', 'logins'),
        ('login_challenges', 'secret', 'logins that wait for their second factor'),
        ('password_resets', 'secret', 'letters'), ('email_verifications', 'secret', 'letters'),
        ('device_pairings', 'secret', 'tills that wait'), ('register_pin_attempts', 'secret', 'how often a PIN was wrong'),
        ('audit_events', 'trail', 'records'), ('audit_accesses', 'trail', 'records'),
        ('audit_seals', 'trail', 'the chain of records'), ('audit_heads', 'trail', 'the end of the chain')
    ) listed (name, kind, reason) loop
        call tillgraph.no_trail(one.name::regclass, one.kind, one.reason);
    end loop;
    -- What came before and said neither: what it is about is itself.
    for one in select c.oid::regclass as name, c.relname,
            exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'id' and not a.attisdropped) as has_id,
            array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
                and not a.attisdropped and (a.atttypid = 'bytea'::regtype or a.attname ~ '(_hash|secret|token)$')) as masked
        from pg_class c join pg_attribute t on t.attrelid = c.oid and t.attname = 'tenant_id' and not t.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and coalesce(obj_description(c.oid, 'pg_class'), '') not like 'no trail, %'
            and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'audited')
    loop
        call tillgraph.trail(one.name, one.relname, case when one.has_id then 'id' else 'tenant_id' end, '', one.masked);
    end loop;
end $$;

-- audit_content is what is hashed of a record. A column that comes later is not in it.
create function tillgraph.audit_content(p_record audit_events) returns text
    language plpgsql immutable as $$
begin
    return jsonb_build_array('EVENT', p_record.tenant_id, p_record.store_id, p_record.id,
                (extract(epoch from p_record.at) * 1000000)::bigint, p_record.xid::text, p_record.user_id, p_record.at_register_id, p_record.operator, p_record.address,
                p_record.request_id, p_record.operation, p_record.object_type, p_record.object_id, p_record.part, p_record.verb, p_record.was, p_record.became, p_record.reason)::text;
end $$;
create function tillgraph.audit_content(p_record audit_accesses) returns text
    language plpgsql immutable as $$
begin
    return jsonb_build_array('ACCESS', p_record.tenant_id, p_record.store_id, p_record.id,
                (extract(epoch from p_record.at) * 1000000)::bigint, p_record.xid::text, p_record.user_id, p_record.at_register_id, p_record.operator, p_record.address,
                p_record.request_id, p_record.operation, p_record.kind, p_record.document, p_record.types, p_record.store_ids, p_record.rows_answered, p_record.micros, p_record.outcome,
                p_record.codes, p_record.lost)::text;
end $$;
alter function tillgraph.audit_content(audit_events) owner to tillgraph_gate;
alter function tillgraph.audit_content(audit_accesses) owner to tillgraph_gate;
revoke all on function tillgraph.audit_content(audit_events) from public;
revoke all on function tillgraph.audit_content(audit_accesses) from public;

-- audit_seal adds the records of a company that nothing can come before any more to its chain, at most so many, and says
-- how many that were: 0 also when somebody else is at it. A record is sealed when every transaction that began before
-- its own has ended, so that writers wait for nobody.
create function tillgraph.audit_seal(p_tenant uuid, p_most integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    genesis constant bytea := sha256(convert_to('tillgraph ' || p_tenant, 'UTF8'));
    head audit_heads;
    below xid8;
    most xid8;
    restored boolean;
    last xid8;
    chained bytea;
    one record;
    positions bigint[] := '{}';
    ids uuid[] := '{}';
    hashes bytea[] := '{}';
begin
    execute format('set local app.tenant_id = %L', p_tenant);
    if not pg_try_advisory_xact_lock(hashtextextended('tillgraph seal ' || p_tenant, 0)) then
        return 0;
    end if;
    -- A company that is being deleted has no more records.
    perform from company_directory where company_id = p_tenant for key share;
    if not found then
        return 0;
    end if;
    insert into audit_heads values (p_tenant, 0, genesis, '0', 0, genesis, now()) on conflict do nothing;
    select * into head from audit_heads where tenant_id = p_tenant;
    below := pg_snapshot_xmin(pg_current_snapshot());
    most := pg_snapshot_xmax(pg_current_snapshot());
    -- A dump that was restored into another cluster, where transactions are counted anew: all in it is committed.
    restored := head.horizon > most;
    chained := head.digest;
    for one in
        select r.id, r.xid, r.content from (
            select e.id, e.xid, tillgraph.audit_content(e) as content
            from audit_events e where e.tenant_id = p_tenant
                and (e.xid >= head.horizon and e.xid < below or restored and (e.xid < below or e.xid > most))
            union all
            select a.id, a.xid, tillgraph.audit_content(a)
            from audit_accesses a where a.tenant_id = p_tenant
                and (a.xid >= head.horizon and a.xid < below or restored and (a.xid < below or a.xid > most))
        ) r
        where not exists (select from audit_seals s where s.tenant_id = p_tenant and s.record_id = r.id)
        order by r.xid, r.id limit p_most
    loop
        chained := sha256(chained || convert_to(one.content, 'UTF8'));
        ids := ids || one.id;
        positions := positions || head.position + cardinality(ids);
        hashes := hashes || chained;
        last := one.xid;
    end loop;
    insert into audit_seals (tenant_id, position, record_id, digest, sealed_at)
        select p_tenant, u.position, u.record_id, u.digest, now()
        from unnest(positions, ids, hashes) u (position, record_id, digest);
    update audit_heads set position = head.position + cardinality(ids), digest = chained, sealed_at = now(),
        horizon = case when cardinality(ids) < p_most then below when restored then head.horizon else last end
        where tenant_id = p_tenant and (cardinality(ids) > 0 or horizon <> below);
    return cardinality(ids);
end $$;

-- audit_companies lists so many companies after one, and whether something of theirs is to be sealed: so what a server
-- left behind when it died is sealed by the next one.
create function tillgraph.audit_companies(p_after uuid, p_most integer) returns table (company uuid, waiting boolean)
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    sealed xid8;
begin
    for company in
        select d.company_id from company_directory d where p_after is null or d.company_id > p_after
        order by d.company_id limit p_most
    loop
        execute format('set local app.tenant_id = %L', company);
        select coalesce((select h.horizon from audit_heads h where h.tenant_id = company), '0') into sealed;
        waiting := sealed > pg_snapshot_xmax(pg_current_snapshot())
            or exists (select from audit_events e where e.tenant_id = company and e.xid >= sealed)
            or exists (select from audit_accesses a where a.tenant_id = company and a.xid >= sealed);
        return next;
    end loop;
end $$;

alter function tillgraph.audit_seal(uuid, integer) owner to tillgraph_gate;
alter function tillgraph.audit_companies(uuid, integer) owner to tillgraph_gate;
revoke create on schema tillgraph from tillgraph_gate;
revoke all on function tillgraph.audit_seal(uuid, integer) from public;
revoke all on function tillgraph.audit_companies(uuid, integer) from public;

-- A company's trail goes last: what was written to it while the company was deleted goes, too.
create or replace function tillgraph.company_purge(p_company uuid) returns boolean
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    trail constant oid[] := '{audit_events,audit_accesses,audit_seals,audit_heads}'::regclass[]::oid[];
    remaining oid[];
    ready oid[];
    one oid;
begin
    perform from company_directory where company_id = p_company and deletion_due_at <= now() for update skip locked;
    if not found then
        return false;
    end if;
    -- The zero UUID is the store of what belongs to none.
    execute format('set local app.store_ids = %L',
        tillgraph.stores_of(p_company) || '00000000-0000-0000-0000-000000000000'::uuid);
    execute format('set local app.tenant_id = %L; set local app.user_id = %L; set local app.register_id = %L', p_company, '', '');
    remaining := array(select c.oid from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and a.attname = 'tenant_id' and not a.attisdropped and not c.oid = any (trail));
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
    foreach one in array trail loop
        execute format('delete from %s where tenant_id = $1', one::regclass) using p_company;
    end loop;
    delete from company_directory where company_id = p_company;
    return true;
end $$;
