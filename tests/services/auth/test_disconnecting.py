"""The end of a connection, its start moved earlier, and what the daily probe notices."""

from datetime import UTC, datetime, timedelta

from tests.services.auth.conftest import Starter
from tests.services.auth.driver import Auth, Browser, Form, Vendor, connection_of, eventually

REVOKE = "/connect/revocation"


async def test_the_grant_ends_with_its_last_connection(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    first, second = await vendor.company("Kauri"), await vendor.company("Rimu")
    one = connection_of(await browser.consent(auth.link(), first["id"]))
    two = connection_of(await browser.consent(auth.link(), second["id"]))
    token = await auth.good_token(two)
    await vendor.forget()

    done = await auth.disconnect(one)
    assert (done["connection"]["state"], done["released"]) == ("closed", True)
    assert [c["tenantId"] for c in await vendor.listed(token)] == [second["id"]]
    assert await vendor.requests(REVOKE) == []
    refused = await auth.token(one)
    assert (refused.status_code, refused.json()) == (409, {"reason": "Disconnected."})
    assert await auth.good_token(two) == token

    assert (await auth.disconnect(two))["released"]
    assert [row["status"] for row in await vendor.requests(REVOKE)] == [200]
    [grant] = await auth.sql("select * from provider_grant")
    assert (grant["state"], grant["tokens"]) == ("ended", None)

    async def both_closed() -> bool:
        newest = {message.id: message.state for _, message in await auth.published()}
        return newest == {one: "closed", two: "closed"}

    await eventually(both_closed)


async def test_the_grant_waits_for_somebody_who_is_choosing(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    first, second = await vendor.company("Kauri"), await vendor.company("Rimu")
    connection = connection_of(await browser.consent(auth.link(), first["id"]))
    form = Form(await browser.http.get(auth.link("t2", auto=True)))
    await auth.disconnect(connection)
    assert await vendor.requests(REVOKE) == []
    chosen = await browser.http.post(form.action, data=form.hidden | {"company": second["id"]})
    await vendor.listed(await auth.good_token(connection_of(chosen)))


async def test_disconnecting_twice_is_harmless(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(auth.link(), company["id"]))
    done = await auth.disconnect(connection)
    assert await auth.disconnect(connection) == done


async def test_a_dead_grant_is_disconnected_all_the_same(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(auth.link(), company["id"]))
    await vendor.revoke_all()
    await auth.expire()
    done = await auth.disconnect(connection)
    assert done["connection"]["state"] == "closed"
    [grant] = await auth.sql("select * from provider_grant")
    assert grant["tokens"] is None


async def test_the_start_moves_earlier_only(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(auth.link(), company["id"]))
    path = f"/connections/{connection}/start"
    earlier = datetime.now(UTC) - timedelta(days=30)
    moved = await auth.call("POST", path, {"starts_at": earlier.isoformat()})
    assert moved.status_code == 200
    assert datetime.fromisoformat(moved.json()["starts_at"]) == earlier
    later = earlier + timedelta(days=1)
    refused = await auth.call("POST", path, {"starts_at": later.isoformat()})
    assert refused.status_code == 409

    async def told() -> bool:
        starts = [message.starts_at for _, message in await auth.published()]
        return starts[1:] == [earlier]

    await eventually(told)


async def test_the_probe_notices_a_removed_company(
    serve_auth: Starter, vendor: Vendor, browser: Browser
) -> None:
    auth = await serve_auth(SANDBOX_URL=vendor.origin, UPKEEP_EVERY="PT0.1S", PROBE_EVERY="PT0.5S")
    first, second = await vendor.company("Kauri"), await vendor.company("Rimu")
    one = connection_of(await browser.consent(auth.link(), first["id"]))
    two = connection_of(await browser.consent(auth.link(), second["id"]))
    await vendor.remove(await auth.good_token(one), first["id"])

    async def noticed() -> bool:
        states = {c["id"]: c["state"] for c in await auth.connections()}
        return states == {one: "broken", two: "open"}

    await eventually(noticed)
    refused = await auth.token(one)
    assert refused.status_code == 409
    assert "removed" in refused.json()["reason"]
    await auth.good_token(two)


async def test_an_abandoned_choice_leaves_no_grant(
    serve_auth: Starter, vendor: Vendor, browser: Browser
) -> None:
    auth = await serve_auth(SANDBOX_URL=vendor.origin, UPKEEP_EVERY="PT0.1S")
    await vendor.company("Kauri")
    await browser.http.get(auth.link(auto=True))
    await auth.sql("update oauth_state set expires_at = now()")
    await auth.sql("update provider_grant set refreshed_at = now() - interval '16 minutes'")

    async def ended() -> bool:
        [grant] = await auth.sql("select * from provider_grant")
        return grant["state"] == "ended" and grant["tokens"] is None

    await eventually(ended)
    await eventually(lambda: vendor.requests(REVOKE))


async def test_an_idle_grant_is_kept_alive(
    serve_auth: Starter, vendor: Vendor, browser: Browser
) -> None:
    auth = await serve_auth(SANDBOX_URL=vendor.origin, UPKEEP_EVERY="PT0.1S")
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(auth.link(), company["id"]))
    former = await auth.good_token(connection)
    await auth.sql("update provider_grant set refreshed_at = now() - interval '31 days'")

    async def renewed() -> bool:
        return await auth.good_token(connection) != former

    await eventually(renewed)
    assert len(await vendor.requests("/connect/token")) == 2
