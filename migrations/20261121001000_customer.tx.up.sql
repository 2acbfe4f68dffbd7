-- Who buys. What is said of a person is optional but for one of name, phone and e-mail; erasing empties all of it.
create table customers (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    name text not null default '' check (length(name) <= 200),
    phone text not null default '' check (length(phone) <= 50),
    email text not null default '' check (length(email) <= 254),
    tax_number text not null default '' check (length(tax_number) <= 50),
    notes text not null default '' check (length(notes) <= 5000),
    external_reference text check (length(external_reference) between 1 and 100),
    -- The balances, kept beside the ledger whose sums they are, in minor units of the company's currency.
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    store_credit bigint not null default 0 check (store_credit >= 0),
    -- What the customer owes, below zero when the shop owes; the limit holds when something is bought on account.
    account_owed bigint not null default 0,
    credit_limit bigint not null default 0 check (credit_limit between 0 and 1000000000000),
    -- Points may fall below zero only when what earned them is taken back; see ledger_entries.
    points bigint not null default 0,
    -- What was spent since the last whole point.
    points_spend bigint not null default 0 check (points_spend >= 0),
    -- The customer that this one is the double of. It never names one that is a double itself.
    merged_into_id uuid check (merged_into_id <> id),
    erased_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, external_reference),
    foreign key (tenant_id, merged_into_id) references customers (tenant_id, id),
    constraint customers_named_check
        check (merged_into_id is not null or erased_at is not null or name <> '' or phone <> '' or email <> ''),
    constraint customers_erased_check check (erased_at is null
        or name = '' and phone = '' and email = '' and tax_number = '' and notes = '' and external_reference is null)
) with (fillfactor = 80);
create index customers_by_name on customers (tenant_id, name, id);
create index customers_by_creation on customers (tenant_id, created_at, id);
create index customers_by_survivor on customers (tenant_id, merged_into_id) where merged_into_id is not null;
call tillgraph.protect('customers', 'tenant');
grant select, insert, update on customers to tillgraph_app;

-- The words that a customer is found by, as product_words are a product's.
create table customer_words (
    tenant_id uuid not null,
    word text collate "C" not null check (length(word) between 1 and 64),
    customer_id uuid not null,
    primary key (tenant_id, word, customer_id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id) on delete cascade
);
create index customer_words_by_customer on customer_words (tenant_id, customer_id, word);
call tillgraph.protect('customer_words', 'tenant');
grant select, insert, delete on customer_words to tillgraph_app;

-- A card's code is as good as money: only its hash is kept, and the end that people tell cards apart by.
create table gift_cards (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    code_hash bytea not null check (length(code_hash) = 32),
    last_four text not null check (length(last_four) = 4),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    balance bigint not null default 0 check (balance >= 0),
    status text not null default 'ACTIVE' check (status in ('ACTIVE', 'BLOCKED')),
    -- The last day that it pays on.
    expires_on date,
    note text not null default '' check (length(note) <= 500),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, code_hash)
) with (fillfactor = 80);
call tillgraph.protect('gift_cards', 'tenant');
grant select, insert, update on gift_cards to tillgraph_app;

-- Every change of a balance. The sum of a ledger's amounts is its balance.
create table ledger_entries (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    ledger text not null check (ledger in ('STORE_CREDIT', 'ACCOUNT', 'LOYALTY_POINTS', 'GIFT_CARD')),
    reason text not null
        check (reason in ('SALE', 'EARNED', 'VOID', 'ISSUED', 'PAYMENT', 'ADJUSTMENT', 'MERGE', 'ERASURE')),
    customer_id uuid,
    gift_card_id uuid,
    -- Minor units, or points.
    amount bigint not null,
    balance_after bigint not null,
    -- What points were earned on, in minor units; it adds up even where it did not make a whole point.
    spend bigint not null default 0 check (spend = 0 or ledger = 'LOYALTY_POINTS'),
    currency_code text check (currency_code ~ '^[A-Z]{3}$'),
    sale_id uuid,
    user_id uuid,
    note text not null default '' check (length(note) <= 500),
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    primary key (tenant_id, id),
    check (amount <> 0 or spend <> 0),
    check ((ledger = 'GIFT_CARD') = (gift_card_id is not null)),
    check ((ledger = 'GIFT_CARD') = (customer_id is null)),
    check ((ledger = 'LOYALTY_POINTS') = (currency_code is null)),
    check ((reason in ('SALE', 'EARNED', 'VOID')) = (sale_id is not null)),
    -- Nothing is spent that is not there. Earned points that are taken back may already be spent.
    check (balance_after >= 0 or ledger = 'ACCOUNT'
        or ledger = 'LOYALTY_POINTS' and (amount >= 0 or reason not in ('SALE', 'ADJUSTMENT'))),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, gift_card_id) references gift_cards (tenant_id, id),
    foreign key (tenant_id, sale_id) references sales (tenant_id, id),
    foreign key (tenant_id, user_id) references users (tenant_id, id)
);
create index ledger_entries_by_customer on ledger_entries (tenant_id, customer_id, id) where customer_id is not null;
create index ledger_entries_by_gift_card on ledger_entries (tenant_id, gift_card_id, id) where gift_card_id is not null;
create index ledger_entries_by_sale on ledger_entries (tenant_id, sale_id) where sale_id is not null;
call tillgraph.protect('ledger_entries', 'tenant');
grant select, insert on ledger_entries to tillgraph_app;

-- Money that customers brought for their account: it is in a till's drawer without a sale. Each has its
-- entry in the ledger.
create table account_payments (
    tenant_id uuid not null,
    store_id uuid not null,
    register_id uuid not null,
    id uuid not null,
    entry_id uuid not null,
    customer_id uuid not null,
    till_session_id uuid,
    cashier_id uuid,
    method text not null check (method in ('CASH', 'CARD', 'MOBILE_MONEY')),
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    amount bigint not null check (amount > 0),
    reference text not null default '' check (length(reference) <= 100),
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, store_id, register_id) references registers (tenant_id, store_id, id),
    foreign key (tenant_id, entry_id) references ledger_entries (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, cashier_id) references users (tenant_id, id)
);
create index account_payments_by_register on account_payments (tenant_id, store_id, register_id, occurred_at);
create index account_payments_by_till_session on account_payments (tenant_id, till_session_id)
    where till_session_id is not null;
create statistics account_payments_tenant_store (dependencies) on tenant_id, store_id from account_payments;
call tillgraph.protect('account_payments', 'register');
grant select, insert on account_payments to tillgraph_app;

-- What was asked under a key, and what came of it. A key belongs to who asks, a person or a register, so that nobody
-- can learn of another's by it.
create table ledger_idempotency_keys (
    tenant_id uuid not null references companies on delete cascade,
    actor_id uuid not null,
    key text not null check (length(key) between 1 and 100),
    request_hash bytea not null check (length(request_hash) = 32),
    entry_id uuid not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, actor_id, key),
    foreign key (tenant_id, entry_id) references ledger_entries (tenant_id, id)
);
call tillgraph.protect('ledger_idempotency_keys', 'tenant');
grant select, insert on ledger_idempotency_keys to tillgraph_app;

alter table sales add foreign key (tenant_id, customer_id) references customers (tenant_id, id);

-- The card that paid, and the card that a line put money on.
alter table payments
    add column gift_card_id uuid,
    add constraint payments_gift_card_check check ((method = 'GIFT_CARD') = (gift_card_id is not null)),
    add foreign key (tenant_id, gift_card_id) references gift_cards (tenant_id, id);
create index payments_by_gift_card on payments (tenant_id, gift_card_id) where gift_card_id is not null;
alter table sale_lines
    add column gift_card_id uuid,
    add foreign key (tenant_id, gift_card_id) references gift_cards (tenant_id, id);
create index sale_lines_by_gift_card on sale_lines (tenant_id, gift_card_id) where gift_card_id is not null;
