-- How long the present refresh token lives unused, where the provider tells; and the moment after
-- which a person must consent again, used or not.
alter table provider_grant add column refresh_life interval;
alter table provider_grant add column ends_at timestamptz;
