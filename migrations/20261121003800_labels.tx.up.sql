-- What products and customers are sorted by beside the tree of categories: who makes a product, who delivers it, and
-- what sort of customer somebody is.
create table brands (
    tenant_id uuid not null references companies on delete cascade,
    id uuid not null,
    name text not null check (length(name) between 1 and 200),
    external_reference text check (length(external_reference) between 1 and 100),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, name),
    unique (tenant_id, external_reference)
);
create table suppliers (like brands including defaults including constraints,
    primary key (tenant_id, id), unique (tenant_id, name), unique (tenant_id, external_reference),
    foreign key (tenant_id) references companies on delete cascade);
create table customer_groups (like brands including defaults including constraints,
    primary key (tenant_id, id), unique (tenant_id, name), unique (tenant_id, external_reference),
    foreign key (tenant_id) references companies on delete cascade);
call tillgraph.protect('brands', 'tenant');
call tillgraph.protect('suppliers', 'tenant');
call tillgraph.protect('customer_groups', 'tenant');
call tillgraph.trail('brands', 'Brand', 'id');
call tillgraph.trail('suppliers', 'Supplier', 'id');
call tillgraph.trail('customer_groups', 'CustomerGroup', 'id');
grant select, insert, update, delete on brands, suppliers, customer_groups to tillgraph_app;

alter table products
    add column brand_id uuid,
    add column supplier_id uuid,
    add foreign key (tenant_id, brand_id) references brands (tenant_id, id),
    add foreign key (tenant_id, supplier_id) references suppliers (tenant_id, id);
create index products_by_brand on products (tenant_id, brand_id, name, id) where brand_id is not null;
create index products_by_supplier on products (tenant_id, supplier_id, name, id) where supplier_id is not null;

alter table customers
    add column customer_group_id uuid,
    add foreign key (tenant_id, customer_group_id) references customer_groups (tenant_id, id);
create index customers_by_group on customers (tenant_id, customer_group_id, name, id) where customer_group_id is not null;

-- As sold, for reports: no foreign keys, which would be looked up for each line.
alter table sale_lines add column brand_id uuid, add column supplier_id uuid;
alter table sales add column customer_group_id uuid;
