-- What one person granted at one provider: the tokens reach every company of that person.
create table provider_grant (
    id uuid primary key,
    provider text not null,
    subject text not null,
    state text not null check (state in ('live', 'dead', 'ended')),
    tokens bytea,
    expires_at timestamptz not null,
    refreshed_at timestamptz not null,
    probed_at timestamptz not null,
    -- Committed before the request leaves; cleared by the answer that is stored.
    refresh_started_at timestamptz,
    refresh_leased_until timestamptz,
    refresh_retry_at timestamptz,
    -- Rises with every lease, answer and consent: the fence of whoever refreshes.
    version bigint not null default 1,
    unique (provider, subject),
    check ((tokens is not null) = (state = 'live'))
);

create table connection (
    id uuid primary key,
    tenant text not null,
    provider text not null,
    company text not null,
    company_name text not null,
    link text,
    grant_id uuid not null references provider_grant,
    state text not null check (state in ('open', 'broken', 'closed')),
    reason text not null default '',
    opened_at timestamptz not null,
    starts_at timestamptz not null,
    scope jsonb not null,
    version bigint not null default 1,
    unique (tenant, provider, company)
);

-- A broken connection still holds its company, until it is disconnected.
create unique index connection_company on connection (provider, company) where state <> 'closed';
create index connection_grant on connection (grant_id);

-- One visit to the provider's consent page; the state itself is not kept, only its hash.
create table oauth_state (
    id uuid primary key,
    state_hash bytea not null unique,
    browser_hash bytea not null,
    provider text not null,
    link jsonb not null,
    verifier bytea not null,
    step text not null check (step in ('sent', 'returned', 'choosing', 'done')),
    expires_at timestamptz not null,
    grant_id uuid references provider_grant,
    companies jsonb,
    connection_id uuid references connection
);

create index oauth_state_grant on oauth_state (grant_id) where step = 'choosing';
