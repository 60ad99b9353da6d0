"""Connecting a company through the provider's real consent page."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from contracts.messages import Scope
from libs.service.links import ConnectLink, sign_link
from tests.services.auth.conftest import Opener, Starter
from tests.services.auth.driver import (
    LINK_KEY,
    Auth,
    Browser,
    Form,
    Vendor,
    connection_of,
    eventually,
    reason_of,
    starts_at,
)

SECOND = timedelta(seconds=1)


async def test_a_company_is_connected(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    company = await vendor.company("Kauri")
    before = datetime.now(UTC)
    page = await browser.consent(auth.link(), company["id"])
    connection = connection_of(page)
    assert company["name"] in page.text
    assert before - SECOND <= starts_at(page) <= datetime.now(UTC) + SECOND

    [listed] = await auth.connections()
    assert listed["id"] == connection
    assert (listed["state"], listed["company"]) == ("open", company["id"])
    token = (await auth.token(connection)).json()
    assert token["company"] == company["id"]
    reached = await vendor.listed(token["access_token"])
    assert company["id"] in {one["tenantId"] for one in reached}

    [(envelope, message)] = await eventually(auth.published)
    assert message.model_dump(mode="json") == listed
    assert (envelope.type, envelope.tenant) == ("connection.changed", "t1")
    assert envelope.extensions["provider"] == "xero"


async def test_the_link_says_start_scope_and_way_back(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("Kauri")
    start = datetime(2026, 3, 1, tzinfo=UTC)
    back = "https://product.example/settings?tab=1"
    scope = Scope(locations=("north",), currencies=("NZD",))
    link = auth.link(starts_at=start, scope=scope, return_to=back)
    page = await browser.consent(link, company["id"])
    assert starts_at(page) == start
    assert "1 March 2026, 00:00 UTC" in page.text
    assert f'href="{back}"' in page.text
    [listed] = await auth.connections()
    assert listed["scope"] == {"locations": ["north"], "currencies": ["NZD"]}


async def test_the_confirmation_can_be_loaded_again(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("Kauri")
    page = await browser.consent(auth.link(), company["id"])
    assert "code=" not in str(page.url)
    again = await browser.http.get(page.url)
    assert connection_of(again) == connection_of(page)


async def test_while_kafka_is_down_nothing_is_lost(
    serve_auth: Starter, vendor: Vendor, browser: Browser, kafka_url: str
) -> None:
    down = await serve_auth(SANDBOX_URL=vendor.origin, KAFKA_URL="127.0.0.1:9")
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(down.link(), company["id"]))
    await down.disconnect(connection)
    up = await serve_auth(SANDBOX_URL=vendor.origin, KAFKA_URL=kafka_url)
    assert await _versions(up, 2) == [1, 2]


async def test_denied(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    company = await vendor.company("Kauri")
    page = await browser.consent(auth.link(), company["id"], "deny")
    assert (page.status_code, reason_of(page)) == (403, "denied")
    assert await auth.connections() == []


async def test_an_expired_state(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    company = await vendor.company("Kauri")
    url = await browser.answer(auth.link(), company["id"])
    await auth.sql("update oauth_state set expires_at = now()")
    page = await browser.http.get(url)
    assert (page.status_code, reason_of(page)) == (410, "expired")
    assert await vendor.requests("/connect/token") == []


async def test_a_state_is_good_once(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    company = await vendor.company("Kauri")
    url = await browser.answer(auth.link(), company["id"])
    connection_of(await browser.http.get(url))
    page = await browser.http.get(url)
    assert (page.status_code, reason_of(page)) == (409, "used")
    assert len(await vendor.requests("/connect/token")) == 1


async def test_another_browser_is_refused_and_uses_nothing_up(
    auth: Auth, vendor: Vendor, open_browser: Opener
) -> None:
    company = await vendor.company("Kauri")
    first, stranger, visitor = open_browser(), open_browser(), open_browser()
    url = await first.answer(auth.link(), company["id"])
    page = await stranger.http.get(url)
    assert (page.status_code, reason_of(page)) == (403, "other-browser")
    await visitor.answer(auth.link(), company["id"])
    page = await visitor.http.get(url)
    assert (page.status_code, reason_of(page)) == (403, "other-browser")
    done = await first.http.get(url)
    connection_of(done)
    page = await stranger.http.get(done.url)
    assert (page.status_code, reason_of(page)) == (403, "other-browser")


async def test_an_invented_state(auth: Auth, browser: Browser) -> None:
    page = await browser.http.get(f"{auth.url}/callback/xero?code=x&state=invented")
    assert (page.status_code, reason_of(page)) == (400, "unknown-state")
    page = await browser.http.get(f"{auth.url}/callback/nobody?code=x&state=invented")
    assert (page.status_code, reason_of(page)) == (404, "unknown-provider")


@pytest.mark.parametrize("kind", ["none", "nonsense", "forged", "old", "no-such-connection"])
async def test_a_link_that_is_not_good(auth: Auth, browser: Browser, kind: str) -> None:
    key, link = SecretStr(LINK_KEY), ConnectLink(tenant="t1")
    now = datetime.now(UTC).timestamp()
    token = {
        "none": "",
        "nonsense": "a.b.c",
        "forged": sign_link(SecretStr("x" * 40), link),
        "old": sign_link(key, link, now=now - 1000),
        "no-such-connection": sign_link(key, ConnectLink(tenant="t1", connection="x")),
    }[kind]
    page = await browser.http.get(f"{auth.url}/connect/xero?link={token}")
    assert (page.status_code, reason_of(page)) == (400, "bad-link")


async def test_the_other_company_on_a_reconnect(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    wanted, other = await vendor.company("Kauri"), await vendor.company("Rimu")
    connection = connection_of(await browser.consent(auth.link(), wanted["id"]))
    await auth.disconnect(connection)
    page = await browser.consent(auth.link(connection=connection), other["id"])
    assert (page.status_code, reason_of(page)) == (409, "wrong-company")
    assert wanted["name"] in page.text
    assert other["name"] in page.text
    [listed] = await auth.connections()
    assert (listed["state"], listed["company"]) == ("closed", wanted["id"])
    # What was granted for the other company is given back.
    assert [row["state"] for row in await auth.sql("select state from provider_grant")] == ["ended"]
    assert len(await vendor.requests("/connect/revocation")) == 2


async def test_the_other_company_is_refused_although_the_grant_reaches_the_wanted_one(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    wanted, other = await vendor.company("Kauri"), await vendor.company("Rimu")
    connection = connection_of(await browser.consent(auth.link(), wanted["id"]))
    page = await browser.consent(auth.link(connection=connection), other["id"])
    assert (page.status_code, reason_of(page)) == (409, "wrong-company")
    assert f"You chose {other['name']}" in page.text
    [listed] = await auth.connections()
    assert (listed["state"], listed["company"]) == ("open", wanted["id"])
    await vendor.listed(await auth.good_token(connection))


async def test_what_an_earlier_consent_left_is_not_taken(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    left, wanted = await vendor.company("Kauri"), await vendor.company("Rimu")
    await browser.http.get(auth.link(auto=True))
    page = await browser.consent(auth.link(), wanted["id"])
    assert wanted["name"] in page.text
    assert left["name"] not in page.text
    connection_of(page)


async def test_a_reconnect_of_another_tenants_connection(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(auth.link("t1"), company["id"]))
    page = await browser.http.get(auth.link("t2", connection=connection))
    assert (page.status_code, reason_of(page)) == (400, "bad-link")


async def test_reconnected_it_is_the_same_connection_with_its_start(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("Kauri")
    first = await browser.consent(auth.link(), company["id"])
    connection = connection_of(first)
    again = await browser.consent(auth.link(connection=connection), company["id"])
    assert (connection_of(again), starts_at(again)) == (connection, starts_at(first))
    await auth.disconnect(connection)
    resumed = await browser.consent(auth.link(connection=connection), company["id"])
    assert (connection_of(resumed), starts_at(resumed)) == (connection, starts_at(first))
    await auth.disconnect(connection)
    anew = await browser.consent(auth.link(), company["id"])
    assert connection_of(anew) == connection
    assert starts_at(anew) > starts_at(first)
    assert await _versions(auth, 6) == [1, 2, 3, 4, 5, 6]


async def test_a_company_of_another_tenant(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    company = await vendor.company("Kauri")
    connection = connection_of(await browser.consent(auth.link("t1"), company["id"]))
    page = await browser.consent(auth.link("t2"), company["id"])
    assert (page.status_code, reason_of(page)) == (409, "taken")
    assert company["name"] in page.text
    assert await auth.connections("t2") == []
    # The grant is the same person's, so the first tenant's connection goes on.
    await vendor.listed(await auth.good_token(connection))
    await auth.disconnect(connection)
    connection_of(await browser.consent(auth.link("t2"), company["id"]))


async def test_of_several_companies_a_person_chooses_one(
    auth: Auth, vendor: Vendor, browser: Browser, open_browser: Opener
) -> None:
    first, second = await vendor.company("Kauri"), await vendor.company("Rimu")
    page = await browser.http.get(auth.link(auto=True))
    assert page.status_code == 200, page.text
    form = Form(page)
    assert {first["id"], second["id"]} <= set(form.choices["company"])
    assert await auth.connections() == []

    choice = {"company": second["id"]}
    forged = await browser.http.post(form.action, data=choice | {"csrf": "0" * 64})
    assert (forged.status_code, reason_of(forged)) == (403, "other-browser")
    stranger = await open_browser().http.post(form.action, data=choice | form.hidden)
    assert (stranger.status_code, reason_of(stranger)) == (403, "other-browser")
    other = await browser.http.post(form.action, data=form.hidden | {"company": "not offered"})
    assert other.status_code == 400
    assert await auth.connections() == []

    done = await browser.http.post(form.action, data=form.hidden | choice)
    connection_of(done)
    [listed] = await auth.connections()
    assert listed["company_name"] == second["name"]
    twice = await browser.http.post(form.action, data=form.hidden | {"company": first["id"]})
    assert (twice.status_code, reason_of(twice)) == (409, "used")


async def test_two_tenants_choose_the_same_company(
    auth: Auth, vendor: Vendor, open_browser: Opener
) -> None:
    company = await vendor.company("Kauri")
    await vendor.company("Rimu")
    first, second = open_browser(), open_browser()
    asked = [
        (browser, Form(await browser.http.get(auth.link(tenant, auto=True))))
        for browser, tenant in ((first, "t1"), (second, "t2"))
    ]
    pages = [
        await browser.http.post(form.action, data=form.hidden | {"company": company["id"]})
        for browser, form in asked
    ]
    connection_of(pages[0])
    assert (pages[1].status_code, reason_of(pages[1])) == (409, "taken")
    assert await auth.connections("t2") == []


async def test_the_link_may_name_the_company(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    company = await vendor.company("Kauri")
    await vendor.company("Rimu")
    connection_of(await browser.http.get(auth.link(auto=True, company=company["id"])))
    [listed] = await auth.connections()
    assert listed["company"] == company["id"]


async def test_a_lost_choice_is_forgotten(auth: Auth, vendor: Vendor, browser: Browser) -> None:
    await vendor.company("Kauri")
    page = await browser.http.get(auth.link(auto=True))
    form = Form(page)
    await auth.sql("update oauth_state set expires_at = now()")
    late = {"company": form.choices["company"][0]} | form.hidden
    page = await browser.http.post(form.action, data=late)
    assert (page.status_code, reason_of(page)) == (410, "expired")


async def test_pages_are_closed_to_scripts_and_frames(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("Kauri")
    page = await browser.consent(auth.link(), company["id"])
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert page.headers["cache-control"] == "no-store"


async def test_a_hostile_company_name_is_only_text(
    auth: Auth, vendor: Vendor, browser: Browser
) -> None:
    company = await vendor.company("<script>alert(1)</script>")
    page = await browser.consent(auth.link(), company["id"])
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_in_production_auto_is_not_passed_on(
    serve_auth: Starter, http: httpx.AsyncClient
) -> None:
    auth = await serve_auth(
        PUBLIC_URL="https://auth.example", XERO_CLIENT_ID="our-app", XERO_CLIENT_SECRET="x"
    )
    answer = await http.get(auth.link(auto=True))
    location = httpx.URL(answer.headers["location"])
    assert (location.scheme, location.host) == ("https", "login.xero.com")
    assert "auto" not in location.params
    assert location.params["client_id"] == "our-app"
    assert location.params["redirect_uri"] == "https://auth.example/callback/xero"
    assert location.params["code_challenge_method"] == "S256"
    assert "offline_access" in location.params["scope"].split()
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))


async def test_without_credentials_the_page_says_so(serve_auth: Starter, browser: Browser) -> None:
    auth = await serve_auth()
    page = await browser.http.get(auth.link())
    assert (page.status_code, reason_of(page)) == (503, "misconfigured")


async def _versions(auth: Auth, count: int) -> list[int]:
    async def enough() -> list[int]:
        versions = [message.version for _, message in await auth.published()]
        return versions if len(versions) >= count else []

    found: list[int] = await eventually(enough)
    return found
