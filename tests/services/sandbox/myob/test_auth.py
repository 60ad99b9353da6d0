"""Auth and tenancy (dossier section 2)."""

from base64 import b64encode
from typing import Any

import pytest

from tests.services.sandbox.myob.client import MyobClient, connect
from tests.services.sandbox.myob.oauth import (
    APP,
    REDIRECT,
    SCOPES,
    STATE,
    authorize,
    dead,
    redeem,
    refresh,
    returned,
    sign_in,
    token_call,
)
from tests.services.sandbox.server import Sandbox

DAY = 86_400


def name_of(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    name: str = answer.json()["Errors"][0]["Name"]
    return name


@pytest.fixture
def company(sandbox: Sandbox) -> str:
    made: str = sandbox.company(country="AU", currency="AUD")["id"]
    return made


def test_the_redirect_names_the_company(sandbox: Sandbox) -> None:
    """the chosen company comes only in the redirect: `businessId`, `businessName`; state back."""
    made = sandbox.company(country="AU", currency="AUD")
    back = returned(authorize(sandbox, company=made["id"]))
    assert set(back) == {"code", "state", "businessId", "businessName"}
    assert (back["businessId"], back["businessName"]) == (made["id"], made["name"])
    assert back["state"] == STATE


def test_without_prompt_consent_no_company(sandbox: Sandbox, company: str) -> None:
    """`businessId` needs `prompt=consent`."""
    back = returned(authorize(sandbox, company=company, prompt="login"))
    assert set(back) == {"code", "state"}


def test_auto_takes_the_first_company(sandbox: Sandbox) -> None:
    """One ledger per consent: without a choice it is the first."""
    first = sandbox.control("GET", "/companies")[0]["id"]
    assert returned(authorize(sandbox))["businessId"] == first


def test_the_consent_page(sandbox: Sandbox, company: str) -> None:
    """The page has a company picker; a person allows or denies."""
    page = authorize(sandbox, auto="0")
    assert page.headers["content-type"].startswith("text/html")
    assert company in page.text
    url = f"{sandbox.root}/oauth2/account/authorize"
    for decision, wanted in (("allow", "code"), ("deny", "error")):
        text = authorize(sandbox, auto="0").text
        consent = text.split('name="consent" value="')[1].split('"')[0]
        form = {"consent": consent, "company": company, "decision": decision}
        back = returned(sandbox.raw.post(url, data=form, follow_redirects=False))
        assert wanted in back
        again = sandbox.raw.post(url, data=form, follow_redirects=False)
        assert again.status_code == 400


def test_only_an_administrator_consents(sandbox: Sandbox, company: str) -> None:
    """only an Administrator user of the file may consent."""
    sandbox.bookkeeper(company, "habits", changes={"administrator": False})
    assert returned(authorize(sandbox, company=company))["error"] == "access_denied"


@pytest.mark.parametrize("scope", ["CompanyFile", "sme-everything", ""])
def test_scopes_that_are_not(sandbox: Sandbox, scope: str) -> None:
    """the old `CompanyFile` scope is gone."""
    assert returned(authorize(sandbox, scope))["error"] == "invalid_scope"


def test_a_redirect_uri_must_be_registered(sandbox: Sandbox) -> None:
    assert authorize(sandbox, redirect_uri="https://evil.example/").status_code == 400
    assert authorize(sandbox, client_id="nobody").status_code == 400


def test_the_token_answer(sandbox: Sandbox, company: str) -> None:
    """`expires_in` may be a string; the scopes come back."""
    token = sign_in(sandbox, company)
    assert set(token) == {
        *("access_token", "token_type", "expires_in", "refresh_token", "scope", "user")
    }
    assert (token["token_type"], token["expires_in"]) == ("bearer", "1200")
    assert token["scope"] == SCOPES


def test_a_code_is_good_once_and_briefly(sandbox: Sandbox, company: str) -> None:
    """code lives 2-5 minutes."""
    code = returned(authorize(sandbox, company=company))["code"]
    assert redeem(sandbox, code).status_code == 200
    assert dead(redeem(sandbox, code))
    late = returned(authorize(sandbox, company=company))["code"]
    sandbox.advance(121)
    assert dead(redeem(sandbox, late))


def test_the_redirect_uri_of_the_code(sandbox: Sandbox, company: str) -> None:
    code = returned(authorize(sandbox, company=company))["code"]
    form = {"code": code, "redirect_uri": REDIRECT + "/other"}
    assert dead(token_call(sandbox, grant_type="authorization_code", **form))


def test_the_secret(sandbox: Sandbox, company: str) -> None:
    token = sign_in(sandbox, company)["refresh_token"]
    form = APP | {"client_secret": "wrong", "grant_type": "refresh_token", "refresh_token": token}
    answer = sandbox.raw.post(f"{sandbox.root}/oauth2/v1/authorize", data=form)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})
    assert token_call(sandbox, grant_type="password").json() == {"error": "unsupported_grant_type"}


def test_oauth_paths_with_a_trailing_slash(sandbox: Sandbox, company: str) -> None:
    """OAuth paths with and without a trailing slash, answered without a redirect."""
    query = {"response_type": "code", "client_id": "sandbox", "redirect_uri": REDIRECT}
    url = f"{sandbox.root}/oauth2/account/authorize/"
    more = {"scope": SCOPES, "auto": "1", "company": company}
    back = returned(sandbox.raw.get(url, params=query | more, follow_redirects=False))
    form = APP | {"grant_type": "authorization_code", "redirect_uri": REDIRECT}
    url = f"{sandbox.root}/oauth2/v1/authorize/"
    answer = sandbox.raw.post(url, data=form | {"code": back["code"]}, follow_redirects=False)
    assert answer.status_code == 200


def test_refresh_rotates(sandbox: Sandbox, company: str) -> None:
    """each refresh returns a refresh token; the old one is dead (UNCONFIRMED, switchable)."""
    first = sign_in(sandbox, company)
    second = refresh(sandbox, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert dead(refresh(sandbox, first["refresh_token"]))
    sandbox.bookkeeper(company, "habits", changes={"refresh_grace": 60})
    assert refresh(sandbox, second["refresh_token"]).status_code == 200
    assert refresh(sandbox, second["refresh_token"]).status_code == 200
    sandbox.advance(61)
    assert dead(refresh(sandbox, second["refresh_token"]))


def test_the_life_of_a_refresh_token(sandbox: Sandbox, company: str) -> None:
    """lifetime UNCONFIRMED (7 or 30 days): 7 here, switchable."""
    short = sign_in(sandbox, company)["refresh_token"]
    sandbox.bookkeeper(company, "habits", changes={"refresh_days": 30})
    long = sign_in(sandbox, company)["refresh_token"]
    sandbox.advance(8 * DAY)
    assert dead(refresh(sandbox, short))
    assert refresh(sandbox, long).status_code == 200


def test_a_consent_lasts_a_year(sandbox: Sandbox, company: str) -> None:
    """MYOB asks for re-authorisation each year."""
    sandbox.bookkeeper(company, "habits", changes={"refresh_days": 400})
    token = sign_in(sandbox, company)["refresh_token"]
    sandbox.advance(366 * DAY)
    assert dead(refresh(sandbox, token))


def test_an_access_token_lives_20_minutes(myob: MyobClient) -> None:
    """401 with text like "The supplied OAuth token (Bearer) is not valid"."""
    myob.sandbox.advance(1_199)
    assert myob.send("GET", "").status_code == 200
    myob.sandbox.advance(2)
    answer = myob.send("GET", "")
    assert answer.status_code == 401
    assert "The supplied OAuth token (Bearer) is not valid" in answer.text


def test_the_company_file(myob: MyobClient) -> None:
    """`GET /accountright/{businessId}/` answers `{"CompanyFile":{"Id","Name",…}}`."""
    for path in ("", "/"):
        found = myob.call("GET", path)["CompanyFile"]
        assert found["Id"] == myob.company
        assert found["Uri"] == myob.url("")
        assert found["UIAccessFlags"] == 3


def test_no_list_of_files(myob: MyobClient) -> None:
    """`GET /accountright/` no longer lists files."""
    url = f"{myob.sandbox.root}/accountright/"
    assert myob.sandbox.raw.get(url, headers=myob.headers()).json() == []


def test_one_ledger_per_consent(myob: MyobClient) -> None:
    """A token opens the company file of its consent and no other."""
    other = myob.sandbox.company(country="AU", currency="AUD")["id"]
    sign_in(myob.sandbox, other)
    myob.company = other
    assert name_of(myob.send("GET", ""), 403) == "AccessDenied"


def test_the_key(myob: MyobClient) -> None:
    """403 `DeveloperInactive` = API key missing/suspended."""
    for headers in ({"x-myobapi-key": ""}, {"x-myobapi-key": "nobody"}):
        assert name_of(myob.send("GET", "", headers=headers), 403) == "DeveloperInactive"
    myob.do("suspend_key")
    assert name_of(myob.send("GET", ""), 403) == "DeveloperInactive"
    myob.do("resume_key")
    assert myob.send("GET", "").status_code == 200


def test_the_version_header(myob: MyobClient) -> None:
    """`x-myobapi-version: v2` on each call."""
    assert myob.send("GET", "", headers={"x-myobapi-version": "v1"}).status_code == 400


def test_the_file_user(myob: MyobClient) -> None:
    """`x-myobapi-cftoken` only for files whose users are not linked to the MYOB login."""
    token = b64encode(b"Administrator:pass").decode()
    assert myob.send("GET", "", headers={"x-myobapi-cftoken": "x"}).status_code == 200
    myob.habit(file_user="Administrator:pass")
    assert name_of(myob.send("GET", ""), 403) == "AccessDenied"
    assert name_of(myob.send("GET", "", headers={"x-myobapi-cftoken": "x"}), 403) == "AccessDenied"
    assert myob.send("GET", "", headers={"x-myobapi-cftoken": token}).status_code == 200


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ("sme-sales", "/Sale/Invoice"),
        ("sme-purchases", "/Purchase/Bill"),
        ("sme-contacts-customer", "/Contact/Customer"),
        ("sme-contacts-supplier", "/Contact/Supplier"),
        ("sme-general-ledger", "/GeneralLedger/Account"),
        ("sme-inventory", "/Inventory/Item"),
        ("sme-banking", "/Banking/SpendMoneyTxn"),
        ("sme-company-settings", "/Company/Preferences"),
        ("sme-company-file", ""),
    ],
)
def test_scopes(sandbox: Sandbox, scope: str, path: str) -> None:
    """403 `AccessDenied` = wrong scope."""
    with connect(sandbox, scope) as alone:
        assert alone.send("GET", path).status_code == 200
    rest = " ".join(one for one in SCOPES.split() if one != scope)
    with connect(sandbox, rest) as without:
        assert name_of(without.send("GET", path), 403) == "AccessDenied"


def test_the_user_removed(myob: MyobClient) -> None:
    """403 `AccessDenied` also after the user was removed from the file."""
    myob.do("remove_user")
    assert name_of(myob.send("GET", ""), 403) == "AccessDenied"
    myob.do("restore_user")
    assert myob.send("GET", "").status_code == 200


def test_disconnected_by_the_user(myob: MyobClient) -> None:
    """the user reviews apps in his MYOB account: 401, refresh 400; a new consent works."""
    myob.do("disconnect")
    assert myob.send("GET", "").status_code == 401
    assert dead(refresh(myob.sandbox, myob.token["refresh_token"]))
    myob.token = sign_in(myob.sandbox, myob.company)
    assert myob.send("GET", "").status_code == 200


def test_every_answer_has_a_request_id(myob: MyobClient) -> None:
    """Keep response `x-myobapi-requestid`."""
    assert myob.send("GET", "").headers["x-myobapi-requestid"]
    assert myob.send("GET", "/Nothing").headers["x-myobapi-requestid"]


def test_the_log_holds_no_secrets(myob: MyobClient) -> None:
    log = myob.sandbox.control("GET", "/requests")
    assert myob.token["access_token"] not in str(log)
    assert all(row["query"] == "" for row in log if "oauth2" in row["path"])
