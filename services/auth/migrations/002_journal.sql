-- What is to be published, in order: written by the transaction that makes the change. The shape
-- is that of libs/messaging/relay.py.
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
