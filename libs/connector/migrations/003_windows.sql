-- Calls are counted in slots of their window: a vendor's rolling minute can be used whole.
drop table rate_limit;
create table rate_limit (
    scope text primary key,
    -- The number of the newest slot, and the calls of it and of those before it.
    newest bigint not null,
    used int[] not null,
    -- Until then the provider itself has told us to wait.
    held_until timestamptz not null default '-infinity'
);
