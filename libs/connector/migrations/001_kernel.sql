-- The schema of one connector. A lane is one entity of one connection; everything that must happen
-- in order happens under its lease.

create table connection (
    id text primary key,
    tenant text not null,
    company text not null,
    company_name text not null,
    state text not null check (state in ('open', 'broken', 'closed')),
    opened_at timestamptz not null,
    starts_at timestamptz not null,
    scope jsonb not null default '{}',
    version bigint not null,
    policy jsonb not null default '{}',
    facts jsonb,
    described_at timestamptz,
    -- Nothing is claimed before the company is described and what was lost is restored.
    restoring boolean not null default false,
    held_until timestamptz not null default '-infinity',
    hold text not null default '',
    served_at timestamptz not null default '-infinity',
    -- With little quota left a claim waits this long for a bulk call to fill.
    patience interval not null default '0'
);
create index connection_tenant on connection (tenant) where state <> 'closed';
create index connection_company on connection (company);

create table lane (
    key text primary key,
    connection text not null references connection,
    type text not null,
    id text not null,
    marker text not null,
    generation int not null default 0,
    state text not null default 'absent' check (state in ('absent', 'bound', 'gone', 'void')),
    revision bigint not null default 0,
    agreed jsonb,
    lines jsonb not null default '{}',
    facts jsonb not null default '{}',
    ledger_number text not null default '',
    version text not null default '',
    number bigint not null default 0,
    origin text,
    hold text not null default '',
    hold_sentence text not null default '',
    hold_action text not null default '',
    dead boolean not null default false,
    -- Not for this connection: made before it, out of its scope, or still a draft.
    skipped boolean not null default false,
    -- A restored lane that may have been created before the schema was lost finds first.
    doubt boolean not null default false,
    alone boolean not null default false,
    -- When we wrote it last: for a while its notices are most likely our own echo.
    written_at timestamptz not null default '-infinity',
    due_at timestamptz,
    leased_until timestamptz not null default '-infinity',
    token bigint not null default 0,
    attempts int not null default 0,
    call uuid
);
create index lane_due on lane (connection, due_at) where due_at is not null;
create index lane_number on lane (connection, type, ledger_number) where ledger_number <> '';
create index lane_marker on lane (connection, marker);
create index lane_held on lane (connection, hold) where hold <> '';
create index lane_call on lane (call) where call is not null;

create table part (
    connection text not null,
    type text not null,
    external_id text not null,
    lane text not null references lane,
    generation int not null default 0,
    primary key (connection, type, external_id)
);
create index part_lane on part (lane);

create table inbox (
    seq bigint generated always as identity primary key,
    connection text not null,
    lane text not null,
    kind text not null check (kind in ('put', 'deleted', 'notice')),
    revision bigint not null default 0,
    record text not null default '',
    body bytea,
    -- Of a notice: when it happened there, by the provider's clock.
    hinted_at timestamptz,
    -- How often it was hinted; a hint that comes while the record is read is not done with it.
    hints int not null default 1,
    state text not null default 'pending'
        check (state in ('pending', 'done', 'superseded', 'dead')),
    waits uuid[],
    reread boolean not null default false,
    received_at timestamptz not null default now()
);
create index inbox_pending on inbox (lane, seq) where state = 'pending';
create unique index inbox_notice on inbox (lane, record)
    where state = 'pending' and kind = 'notice';

create table call (
    id uuid primary key,
    connection text not null,
    type text not null,
    verb text not null,
    key text not null,
    method text not null,
    path text not null,
    params jsonb not null,
    headers jsonb not null,
    body bytea not null,
    lanes int not null,
    first_sent timestamptz not null,
    sent_at timestamptz not null,
    deadline timestamptz not null,
    left_at timestamptz,
    errors int not null default 0,
    -- A person has looked and it is not there: it may be sent again.
    looked boolean not null default false,
    state text not null default 'open' check (state in ('open', 'closed', 'dissolved')),
    outcome text not null default ''
);

-- What one lane of a call meant, kept until it is settled.
create table intent (
    call uuid not null references call,
    lane text not null references lane,
    position int not null,
    verb text not null,
    seq bigint,
    revision bigint not null,
    put jsonb not null,
    plan jsonb not null,
    -- The record an answer named that came too late to be settled.
    known text,
    primary key (call, lane)
);

create table journal (
    seq bigint generated always as identity primary key,
    topic text not null,
    key text not null,
    headers jsonb not null,
    value bytea not null,
    at timestamptz not null default now(),
    published_at timestamptz
);
create index journal_unpublished on journal (seq) where published_at is null;
create index journal_key on journal (key, seq);

create table wait (
    lane text not null references lane,
    needs text not null,
    primary key (lane, needs)
);
create index wait_needs on wait (needs);

create table cursor (
    connection text not null,
    name text not null,
    -- Everything the provider changed before this has been seen; its own clock.
    at timestamptz not null,
    swept_at timestamptz not null default '-infinity',
    primary key (connection, name)
);

create table mapping (
    connection text not null,
    kind text not null,
    local text not null,
    external text not null,
    suggested boolean not null default false,
    primary key (connection, kind, local)
);

create table rate_limit (
    scope text primary key,
    tat timestamptz not null
);

-- The log is to be read again for a connection; its row commits before the end offsets are taken.
create table reread (
    connection text primary key,
    asked_at timestamptz not null default now()
);
create table reread_part (
    connection text not null references reread on delete cascade,
    partition int not null,
    next bigint not null,
    until bigint not null,
    primary key (connection, partition)
);

create table batch (
    connection text not null,
    id text not null,
    made_at timestamptz not null,
    closed boolean not null default false,
    documents int not null default 0,
    done boolean not null default false,
    number bigint not null default 0,
    told jsonb,
    primary key (connection, id)
);

create table batch_member (
    connection text not null,
    batch text not null,
    lane text not null,
    primary key (connection, batch, lane)
);
create index batch_member_lane on batch_member (lane);

-- One row: since when this schema lives. Without it the schema is new, or was lost.
create table life (
    began_at timestamptz not null default now()
);

create table command_seen (
    id text primary key,
    at timestamptz not null default now()
);
