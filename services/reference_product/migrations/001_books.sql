-- The books: each entity whole, as its newest revision has it. A deleted one keeps its revision.
create table entity (
    tenant text not null,
    type text not null,
    id text not null,
    revision bigint not null check (revision > 0),
    made_at timestamptz not null,
    state jsonb,
    -- Per connection, the number of the last EntityChanged taken in.
    applied jsonb not null default '{}',
    -- The id a connector gave it, where we keep it under one of our own.
    origin text,
    batch jsonb,
    primary key (tenant, type, id)
);

create unique index entity_origin on entity (tenant, type, origin) where origin is not null;

-- The last number seen of each key of accounting.events.v1.
create table seen (
    key text primary key,
    number bigint not null
);

-- Events built on a revision that is on its way to us: another writer's put comes by another topic.
create table early (
    tenant text not null,
    type text not null,
    id text not null,
    connection text not null,
    number bigint not null,
    revision bigint not null,
    body bytea not null,
    primary key (tenant, type, id, connection, number)
);

-- What each ledger says of an entity; `problem` is why it waits there.
create table place (
    tenant text not null,
    type text not null,
    id text not null,
    connection text not null,
    provider text not null,
    state text not null,
    external_ids jsonb not null,
    ledger_number text not null,
    link text not null,
    balance numeric,
    status text not null,
    problem jsonb,
    at timestamptz not null,
    primary key (tenant, type, id, connection)
);

create table progress (
    tenant text not null,
    connection text not null,
    batch text not null,
    body jsonb not null,
    primary key (tenant, connection, batch)
);

-- What a person should see: holds, rejections, deletions, conflicts, alerts.
create table notice (
    seq bigint generated always as identity primary key,
    tenant text not null,
    event text not null,
    body jsonb not null,
    at timestamptz not null
);

create index notice_tenant on notice (tenant, seq);

create table journal (
    seq bigint generated always as identity primary key,
    topic text not null,
    key text not null,
    headers jsonb not null,
    value bytea,
    at timestamptz not null default now(),
    published_at timestamptz
);

create index journal_waiting on journal (seq) where published_at is null;

-- What pays or credits a document: payments, refunds, credit notes that are not void.
create view allocation as
select e.tenant, e.type as by_type, e.id as by_id, share ->> 'document_type' as type,
    share ->> 'document' as id, (share ->> 'amount')::numeric as amount
from entity e
cross join lateral jsonb_array_elements(e.state -> 'allocations') as share
where e.type in ('payment', 'refund', 'credit_note') and e.state ->> 'status' <> 'void';
