-- What is applied to a document and taken off it for a while, so that the document can be changed.
create table lifted (
    document text not null,
    lane text not null,
    -- The revision of the document that wants it.
    revision bigint not null,
    -- It has been put on again; once for each revision.
    over boolean not null default false,
    primary key (document, lane)
);
create index lifted_lane on lifted (lane) where not over;
