"""Companies that come with the redirect: one per consent, proved by the token, kept apart."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from libs.service.links import ConnectLink, sign_link
from libs.service.origins import Origins
from libs.testing.serving import serve
from services.auth.vendors import Vendors
from tests.services.auth.brook import DAY, Brook
from tests.services.auth.conftest import Opener, Starter
from tests.services.auth.driver import (
    LINK_KEY,
    Auth,
    Browser,
    connection_of,
    eventually,
    reason_of,
)

QUICK = {"UPKEEP_EVERY": "PT0.1S", "PROBE_EVERY": "PT0.2S"}


@pytest.fixture
async def brook(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Brook]:
    """The vendor with two companies; `7` is chosen on its consent page."""
    brook = Brook(names={"7": "Kauri", "8": "Rimu"}, chosen="7")
    monkeypatch.setenv("PROVIDERS_PATH", str(Path(__file__).parent / "vendors"))
    async with serve(brook.app()) as url:
        monkeypatch.setenv("BROOK_ORIGIN", url)
        yield brook


@pytest.fixture
async def auth(serve_auth: Starter, brook: Brook) -> Auth:
    """One auth service beside it."""
    assert brook
    return await serve_auth()


def link(auth: Auth, tenant: str = "t1", **claims: str) -> str:
    token = sign_link(SecretStr(LINK_KEY), ConnectLink(tenant=tenant, **claims))  # type: ignore[arg-type]
    return f"{auth.url}/connect/brook?link={token}"


async def token(auth: Auth, connection: str) -> str:
    answer = await auth.token(connection, provider="brook")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def test_the_company_of_the_redirect_is_connected(
    auth: Auth, brook: Brook, browser: Browser
) -> None:
    page = await browser.http.get(link(auth))
    connection = connection_of(page)
    [listed] = await auth.connections()
    assert (listed["company"], listed["company_name"]) == ("7", "Kauri")
    assert brook.live[await token(auth, connection)] == "7"
    assert brook.asked[0]["prompt"] == "consent"
    assert brook.asked[0]["scope"] == "books contacts"
    sent, headers = brook.exchanged[0]
    assert (sent["scope"], headers["x-tell-the-end"]) == ("books contacts", "true")
    assert "code_verifier" not in sent


async def test_the_name_may_come_with_the_redirect(
    auth: Auth, brook: Brook, browser: Browser
) -> None:
    brook.names = {}
    brook.redirect = {"title": "  Te\x00 Kauri " + "x" * 300}
    connection_of(await browser.http.get(link(auth)))
    [listed] = await auth.connections()
    assert listed["company_name"].startswith("Te Kauri x")
    assert len(listed["company_name"]) == 255


@pytest.mark.parametrize("realm", ["8", "", "../7", "..", "7/info?x=", "x" * 200])
async def test_what_the_token_does_not_reach_is_not_connected(
    auth: Auth, brook: Brook, browser: Browser, realm: str
) -> None:
    brook.redirect = {"realm": realm}
    page = await browser.http.get(link(auth))
    assert (page.status_code, reason_of(page)) == (409, "no-company")
    assert await auth.connections() == []
    assert len(brook.revoked) == 1


async def test_a_forged_redirect_leaves_the_connection_of_another_tenant_alone(
    auth: Auth, brook: Brook, open_browser: Opener
) -> None:
    connection = connection_of(await open_browser().http.get(link(auth)))
    good = await token(auth, connection)
    brook.chosen, brook.redirect = "8", {"realm": "7"}
    page = await open_browser().http.get(link(auth, "t2"))
    assert reason_of(page) == "no-company"
    assert await token(auth, connection) == good
    assert brook.live[good] == "7"


async def test_nothing_is_kept_while_the_provider_cannot_say(
    auth: Auth, brook: Brook, browser: Browser
) -> None:
    brook.busy = True
    page = await browser.http.get(link(auth))
    assert (page.status_code, reason_of(page)) == (503, "vendor-down")
    assert await auth.sql("select * from provider_grant") == []


async def test_two_companies_of_one_person_have_a_grant_each(
    auth: Auth, brook: Brook, browser: Browser
) -> None:
    one = connection_of(await browser.http.get(link(auth)))
    brook.chosen = "8"
    two = connection_of(await browser.http.get(link(auth)))
    assert [brook.live[await token(auth, each)] for each in (one, two)] == ["7", "8"]
    await auth.disconnect(two)
    assert len(brook.revoked) == 1
    assert brook.live[await token(auth, one)] == "7"


async def test_the_other_company_on_a_reconnect(auth: Auth, brook: Brook, browser: Browser) -> None:
    connection = connection_of(await browser.http.get(link(auth)))
    good = await token(auth, connection)
    brook.chosen = "8"
    page = await browser.http.get(link(auth, connection=connection))
    assert (page.status_code, reason_of(page)) == (409, "wrong-company")
    assert "You chose Rimu" in page.text
    assert "Kauri" in page.text
    assert brook.live[await token(auth, connection)] == "7"
    assert await token(auth, connection) == good
    assert len(brook.revoked) == 1


async def test_a_reconnect_replaces_the_grant(auth: Auth, brook: Brook, browser: Browser) -> None:
    connection = connection_of(await browser.http.get(link(auth)))
    former = await token(auth, connection)
    page = await browser.http.get(link(auth, connection=connection))
    assert connection_of(page) == connection
    assert await token(auth, connection) != former
    assert [row["state"] for row in await auth.sql("select state from provider_grant")] == ["live"]
    assert brook.revoked == []


async def test_a_company_of_another_tenant_is_refused_and_goes_on(
    auth: Auth, brook: Brook, open_browser: Opener
) -> None:
    connection = connection_of(await open_browser().http.get(link(auth)))
    page = await open_browser().http.get(link(auth, "t2"))
    assert (page.status_code, reason_of(page)) == (409, "taken")
    assert brook.revoked == []
    # Brook ended the former grant with the new consent: the first tenant lives on by that.
    assert brook.live[await token(auth, connection)] == "7"
    assert await auth.connections("t2") == []


async def test_a_broken_connection_of_another_tenant_is_not_mended(
    auth: Auth, brook: Brook, open_browser: Opener
) -> None:
    connection = connection_of(await open_browser().http.get(link(auth)))
    brook.live.clear()
    await auth.expire()
    assert (await auth.token(connection, provider="brook")).status_code == 409
    page = await open_browser().http.get(link(auth, "t2"))
    assert reason_of(page) == "taken"
    [listed] = await auth.connections()
    assert listed["state"] == "broken"
    assert len(brook.revoked) == 1
    again = await open_browser().http.get(link(auth, connection=connection))
    assert connection_of(again) == connection
    assert brook.live[await token(auth, connection)] == "7"


@pytest.mark.parametrize("rotates", [True, False])
async def test_the_refresh_token_of_the_newest_answer_is_kept(
    auth: Auth, brook: Brook, browser: Browser, *, rotates: bool
) -> None:
    brook.rotates = rotates
    connection = connection_of(await browser.http.get(link(auth)))
    for _ in range(3):
        await auth.expire()
        assert brook.live[await token(auth, connection)] == "7"
    used = [sent["refresh_token"] for sent, _ in brook.exchanged if "refresh_token" in sent]
    assert len(set(used)) == (3 if rotates else 1)


async def test_the_life_a_token_answer_tells_counts(
    serve_auth: Starter, brook: Brook, browser: Browser
) -> None:
    auth = await serve_auth(UPKEEP_EVERY="PT0.1S")
    brook.answer = {"refresh_in": 10 * DAY}
    connection_of(await browser.http.get(link(auth)))
    await auth.sql("update provider_grant set refreshed_at = now() - interval '6 days'")

    async def renewed() -> bool:
        return len(brook.exchanged) == 2

    await eventually(renewed)


async def test_the_end_of_a_consent_is_told_a_month_before(
    serve_auth: Starter, brook: Brook, browser: Browser
) -> None:
    auth = await serve_auth(UPKEEP_EVERY="PT0.1S")
    connection = connection_of(await browser.http.get(link(auth)))
    [grant] = await auth.sql("select ends_at - now() as left from provider_grant")
    assert 364 <= grant["left"].days <= 365
    brook.answer = {"ends_in": 20 * DAY}
    await auth.expire()
    await token(auth, connection)

    async def warned() -> bool:
        [listed] = await auth.connections()
        return listed["state"] == "open" and "connect again before that" in listed["reason"]

    await eventually(warned)
    [listed] = await auth.connections()
    brook.answer = {}
    connection_of(await browser.http.get(link(auth, connection=connection)))
    [mended] = await auth.connections()
    assert mended["reason"] == ""
    # Told once, not every time the chores are done.
    assert mended["version"] == listed["version"] + 1 == 3


async def test_the_probe_renames_and_notices_what_was_taken_away(
    serve_auth: Starter, brook: Brook, browser: Browser
) -> None:
    auth = await serve_auth(**QUICK)
    connection_of(await browser.http.get(link(auth)))
    brook.names["7"] = "Kauri & Sons"

    async def is_now(**wanted: str) -> bool:
        [listed] = await auth.connections()
        return wanted.items() <= listed.items()

    await eventually(lambda: is_now(company_name="Kauri & Sons", state="open"))
    brook.live.clear()
    await eventually(lambda: is_now(state="broken"))


async def test_a_token_that_is_dead_already_needs_no_revocation(brook: Brook) -> None:
    vendor = Vendors(Origins.from_environment())["brook"]
    await vendor.revoke("never-given")
    assert brook.revoked == []
