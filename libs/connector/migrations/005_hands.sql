-- Of a timed connection nothing is claimed between its runs but what somebody has urged.
alter table connection add column timed boolean not null default false;
alter table connection add column runs_at timestamptz;
alter table connection add column running_since timestamptz;
-- Its lists in the ledger were read: customers and products are matched before one is created.
alter table connection add column listed_at timestamptz;
-- The company as it was when all that is mapped was sound.
alter table connection add column sound jsonb;
alter table lane add column urged boolean not null default false;
-- Its number is taken there by a record that is not ours.
alter table lane add column collided boolean not null default false;
-- Put before its number in the ledger, and taken away on the way back.
alter table lane add column prefix text not null default '';
-- The record a person has said it is; 'new': none that is there.
alter table lane add column linked text not null default '';

-- What a customer or product of the ledger can be known by, as it was at the start.
create table roster (
    connection text not null,
    type text not null,
    external_id text not null,
    words jsonb not null,
    primary key (connection, type, external_id)
);

-- Questions of people, answered by a report.
create table question (
    id text primary key,
    connection text not null references connection,
    event text not null,
    body bytea not null,
    asked_at timestamptz not null default now()
);

-- What was mapped and has changed in the ledger; the row stays, for its number.
create table alert (
    connection text not null,
    kind text not null,
    local text not null,
    open boolean not null,
    sentence text not null,
    action text not null,
    number bigint not null,
    primary key (connection, kind, local)
);
