-- What a census has listed: a record that it lists for the first time is news.
create table listed (
    connection text not null,
    type text not null,
    external_id text not null,
    primary key (connection, type, external_id)
);
