-- An entity may be several records: its main one, and side records beside it.
alter table part add column main boolean not null default true;
