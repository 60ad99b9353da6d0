"""Access tokens: one refresh in flight, whatever becomes of its answer; nothing leaks."""

import asyncio
import json
import os
from base64 import b64encode

import asyncpg
import httpx
import pytest

from libs.service.database import open_pool
from libs.service.secrets import KeyRing, SecretUnreadable, Vault
from services.auth.grants import Grants
from services.auth.keys import digest
from services.auth.rotation import rotate
from tests.services.auth.conftest import Starter
from tests.services.auth.driver import Auth, Browser, Vendor, connection_of, eventually

REFRESH = "/connect/token"
MINUTES = 60


@pytest.fixture
async def connection(auth: Auth, vendor: Vendor, browser: Browser) -> str:
    """A connection, the sandbox's request log forgotten since."""
    return await connected(auth, vendor, browser)


@pytest.fixture
async def process(start_auth: Starter, vendor: Vendor) -> Auth:
    """One auth service as a process of its own."""
    return await start_auth(SANDBOX_URL=vendor.origin)


async def connected(auth: Auth, vendor: Vendor, browser: Browser) -> str:
    company = await vendor.company("Kauri")
    made = connection_of(await browser.consent(auth.link(), company["id"]))
    await vendor.forget()
    return made


async def test_a_good_token_is_handed_out_without_a_refresh(
    auth: Auth, vendor: Vendor, connection: str
) -> None:
    first, second = [await auth.good_token(connection) for _ in range(2)]
    assert first == second
    assert await vendor.requests(REFRESH) == []


async def test_twenty_requests_to_two_processes_at_expiry_make_one_refresh(
    process: Auth, start_auth: Starter, vendor: Vendor, browser: Browser
) -> None:
    connection = await connected(process, vendor, browser)
    second = await start_auth(SANDBOX_URL=vendor.origin)
    former = await process.good_token(connection)
    await process.expire()
    asked = [service.good_token(connection) for service in (process, second) for _ in range(10)]
    tokens = await asyncio.gather(*asked)
    assert len(await vendor.requests(REFRESH)) == 1
    assert len(set(tokens)) == 1
    assert former not in tokens
    await vendor.listed(tokens[0])


async def test_a_token_answered_401_is_renewed_once(
    auth: Auth, vendor: Vendor, connection: str
) -> None:
    former = await auth.good_token(connection)
    await vendor.advance(31 * MINUTES)
    asked = [auth.good_token(connection, stale=digest(former)) for _ in range(20)]
    tokens = set(await asyncio.gather(*asked))
    assert len(await vendor.requests(REFRESH)) == 1
    [token] = tokens - {former}
    await vendor.listed(token)
    # Whoever still holds the former one gets the present one, and no refresh.
    assert await auth.good_token(connection, stale=digest(former)) == token
    assert len(await vendor.requests(REFRESH)) == 1


async def test_a_lost_answer_is_asked_for_again(
    auth: Auth, vendor: Vendor, connection: str
) -> None:
    await vendor.fault("lose-refresh-answer")
    await auth.expire()
    await vendor.listed(await auth.good_token(connection))
    assert len(await vendor.requests(REFRESH)) == 2
    await auth.expire()
    await vendor.listed(await auth.good_token(connection))


async def test_no_answer_at_all_is_503_and_the_connection_survives(
    auth: Auth, vendor: Vendor, connection: str
) -> None:
    await vendor.fault("lose-refresh-answer", times=4)
    await auth.expire()
    answers = await asyncio.gather(*(auth.token(connection) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {503}
    assert len(await vendor.requests(REFRESH)) == 2
    [listed] = await auth.connections()
    assert listed["state"] == "open"

    async def answered() -> bool:
        return (await auth.token(connection)).status_code == 200

    await eventually(answered)
    await vendor.listed(await auth.good_token(connection))
    [grant] = await auth.sql("select * from provider_grant")
    assert grant["refresh_started_at"] is None


async def test_a_token_that_is_still_good_outlives_a_failed_refresh(
    auth: Auth, vendor: Vendor, connection: str
) -> None:
    former = await auth.good_token(connection)
    await auth.sql(
        """
        update provider_grant
        set refreshed_at = now() - interval '29 minutes', expires_at = now() + interval '1 minute'
        """
    )
    await vendor.fault("lose-refresh-answer", times=2)
    assert await auth.good_token(connection) == former
    assert len(await vendor.requests(REFRESH)) == 2


async def test_killed_between_the_answer_and_its_saving(
    process: Auth, vendor: Vendor, browser: Browser
) -> None:
    auth, connection = process, await connected(process, vendor, browser)
    await auth.expire()
    db = await asyncpg.connect(auth.database_url, server_settings={"search_path": "auth"})
    try:
        await db.execute(BLOCK_SETTLING)
        await db.execute("select pg_advisory_lock(4711)")
        asking = asyncio.create_task(auth.token(connection))

        async def answered() -> bool:
            waiting = "select from pg_locks where locktype = 'advisory' and not granted"
            return await db.fetchrow(waiting) is not None

        await eventually(answered)
        await auth.service.kill()
        with pytest.raises(httpx.TransportError):
            await asking
        await db.execute("drop trigger block on provider_grant")
        await db.execute("select pg_terminate_backend(pid) from pg_locks where not granted")
        await db.execute("select pg_advisory_unlock(4711)")
        # The lease of the dead process, which the test need not wait for.
        await db.execute("update provider_grant set refresh_leased_until = now()")
    finally:
        await db.close()
    assert [row["status"] for row in await vendor.requests(REFRESH)] == [200]
    await auth.service.restart()
    await vendor.listed(await auth.good_token(connection))
    # Settled by the chore at the start or by the request, but once.
    assert len(await vendor.requests(REFRESH)) == 2


BLOCK_SETTLING = """
create function block() returns trigger language plpgsql as $$
begin
    perform pg_advisory_lock(4711);
    return new;
end $$;
create trigger block before update on provider_grant for each row
    when (old.refresh_started_at is not null and new.refresh_started_at is null)
    execute function block();
"""


async def test_nobody_asks_and_the_lost_answer_is_still_settled(
    serve_auth: Starter, vendor: Vendor, browser: Browser
) -> None:
    auth = await serve_auth(SANDBOX_URL=vendor.origin, UPKEEP_EVERY="PT0.1S")
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(auth.link(), company["id"]))
    former = digest(await auth.good_token(connection))
    await vendor.fault("lose-refresh-answer", times=2)
    assert (await auth.token(connection, stale=former)).status_code == 503

    async def settled() -> bool:
        [grant] = await auth.sql("select * from provider_grant")
        return grant["refresh_started_at"] is None

    await eventually(settled)
    assert len(await vendor.requests(REFRESH)) == 4  # the code, two lost, one settled
    await vendor.listed(await auth.good_token(connection))


async def test_a_grant_that_was_revoked_breaks_its_connections_and_is_mended(
    auth: Auth, vendor: Vendor, browser: Browser, connection: str
) -> None:
    await vendor.revoke_all()
    await auth.expire()
    for _ in range(2):
        refused = await auth.token(connection)
        assert refused.status_code == 409
        assert "Xero" in refused.json()["reason"]
    [listed] = await auth.connections()
    assert (listed["state"], listed["reason"]) == ("broken", refused.json()["reason"])

    async def told() -> bool:
        published = await auth.published()
        return [message.state for _, message in published] == ["open", "broken"]

    await eventually(told)
    await browser.consent(auth.link(connection=connection), listed["company"])
    [listed] = await auth.connections()
    assert (listed["id"], listed["state"], listed["reason"]) == (connection, "open", "")
    await vendor.listed(await auth.good_token(connection))


async def test_an_answer_lost_for_longer_than_the_grace(
    auth: Auth, vendor: Vendor, connection: str
) -> None:
    await vendor.fault("lose-refresh-answer", times=2)
    await auth.expire()
    assert (await auth.token(connection)).status_code == 503
    await vendor.advance(31 * MINUTES)

    async def refused() -> httpx.Response | None:
        answer = await auth.token(connection)
        return answer if answer.status_code == 409 else None

    answer = await eventually(refused)
    assert "lost" in answer.json()["reason"]


async def test_a_connector_gets_tokens_of_its_own_provider_alone(
    auth: Auth, connection: str
) -> None:
    for provider in ("acme", None):
        refused = await auth.token(connection, provider=provider)
        assert refused.status_code == 403
        assert "access_token" not in refused.text
    seen = await auth.call("GET", "/connections?tenant=t1", provider="acme")
    assert seen.json() == []
    for path in ("disconnect", "start"):
        body = {"starts_at": "2026-01-01T00:00:00Z"} if path == "start" else None
        answer = await auth.call("POST", f"/connections/{connection}/{path}", body, provider="xero")
        assert answer.status_code == 403


async def test_tokens_are_nowhere_to_be_read(
    process: Auth, vendor: Vendor, browser: Browser
) -> None:
    auth, connection = process, await connected(process, vendor, browser)
    secrets = [await auth.good_token(connection)]
    await auth.expire()
    secrets.append(await auth.good_token(connection))
    async with open_pool(auth.database_url, "auth") as pool:
        [row] = await auth.sql("select id, tokens from provider_grant")
        _, refresh = Grants(pool, Vault(KeyRing.parse(auth.vault_keys)))._open(row)
    assert refresh
    secrets.append(refresh)
    tables = await auth.sql("select tablename from pg_tables where schemaname = 'auth'")
    assert len(tables) >= 4
    for table in tables:
        for row in await auth.sql(f"select * from {table['tablename']}"):
            held = b" ".join(
                value if isinstance(value, bytes) else str(value).encode() for value in row
            )
            assert not any(secret.encode() in held for secret in secrets), table
    logged = auth.service.log.read_text()
    assert "refresh.settled" in logged
    assert not any(secret in logged for secret in secrets)
    assert "sandbox-secret" not in logged
    for _, message in await eventually(auth.published):
        assert not any(secret in message.model_dump_json() for secret in secrets)


async def test_rotation_seals_under_the_new_key(
    auth: Auth, serve_auth: Starter, vendor: Vendor, connection: str
) -> None:
    token = await auth.good_token(connection)
    old = KeyRing.parse(auth.vault_keys)
    both = KeyRing("k2", {**old.keys, "k2": os.urandom(32)})
    only_new = KeyRing("k2", {"k2": both.keys["k2"]})
    async with open_pool(auth.database_url, "auth") as pool:
        with pytest.raises(SecretUnreadable):
            await rotate(pool, Vault(only_new))
        assert await rotate(pool, Vault(both)) == 1
        assert await rotate(pool, Vault(both)) == 0
    ring = {"current": "k2", "keys": {"k2": b64encode(only_new.keys["k2"]).decode()}}
    rotated = await serve_auth(SANDBOX_URL=vendor.origin, VAULT_KEYS=json.dumps(ring))
    assert await rotated.good_token(connection) == token
    await rotated.expire()
    await vendor.listed(await rotated.good_token(connection))
