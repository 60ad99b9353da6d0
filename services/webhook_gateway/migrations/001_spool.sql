create table spool (
    seq bigint generated always as identity primary key,
    topic text not null,
    key text not null,
    headers jsonb not null,
    value bytea not null,
    spooled_at timestamptz not null default now()
);
create index spool_key on spool (topic, key);
comment on table spool is 'Records Kafka did not confirm, in the order they came; drained when it answers again.';

create table webhook_secret (
    provider text not null,
    company text not null,
    sealed bytea not null,
    set_at timestamptz not null default now(),
    primary key (provider, company)
);
comment on table webhook_secret is 'Of providers that sign with a key per connection: the key, sealed by the vault.';
