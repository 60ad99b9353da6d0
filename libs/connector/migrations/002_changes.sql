-- Counts what people and auth change of a connection: a worker that was under way meanwhile has
-- decided by what no longer holds, and looks again.
alter table connection add column changes bigint not null default 0;
