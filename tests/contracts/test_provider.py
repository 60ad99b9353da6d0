import tomllib
from datetime import timedelta
from importlib.resources import files

import jsonschema
import pytest
from pydantic import ValidationError

from contracts.generate import schemas
from contracts.provider import load, provider, provider_ids
from contracts.values import EntityType

XERO = (files("contracts") / "providers" / "xero.toml").read_text()


@pytest.mark.parametrize("name", provider_ids())
def test_every_providers_file_loads_and_bears_its_name(name: str) -> None:
    assert provider(name).id == name
    assert provider(name) is provider(name)


@pytest.mark.parametrize("name", provider_ids())
def test_every_providers_file_is_valid_by_the_schema(name: str) -> None:
    text = (files("contracts") / "providers" / f"{name}.toml").read_text()
    jsonschema.Draft202012Validator(schemas()["provider"]).validate(tomllib.loads(text))


def test_xeros_facts_are_read_with_their_units() -> None:
    xero = provider("xero")
    assert xero.calls.key_lives == timedelta(minutes=6)
    assert xero.calls.settles() == timedelta(seconds=60)
    assert xero.oauth is not None
    assert xero.oauth.refresh_grace == timedelta(minutes=30)
    assert xero.entities[EntityType.INVOICE].bulk == 50


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('id = "xero"', 'id = "Xero!"', "id"),
        ("concurrency = 5", "concurrency = 0", "limits.concurrency"),
        ("key_lives = 360", 'key_lives = "soon"', "calls.key_lives"),
        ("pkce = true", "pkce_ = true", "oauth.pkce"),
        ('remove = "archive"', 'remove = "forget"', "entities.contact.remove"),
        ("[entities.payment]", "[entities.paymint]", "entities.paymint.[key]"),
        ('name = "minute", calls = 60', 'name = "minute", calls = -1', "limits.windows.0.calls"),
        ("[calls]\n", "[calls]\nbase = 1\n", "calls.base"),
        ('list_url = "', 'id_param = "org"\nlist_url = "', "companies"),
        ('id_field = "tenantId"', "", "companies"),
        ("pkce = true", 'pkce = true\ntoken_params = ["prompt"]', "oauth"),
        ('company_path = "events[].tenantId"', "company_path = []", "webhooks.company_path.str"),
    ],
)
def test_a_mistake_in_the_file_is_told_by_its_field(old: str, new: str, field: str) -> None:
    assert old in XERO
    with pytest.raises(ValidationError) as raised:
        load(XERO.replace(old, new))
    places = {".".join(map(str, problem["loc"])) for problem in raised.value.errors()}
    assert field in places


def test_an_unknown_provider_is_told_with_those_there_are() -> None:
    with pytest.raises(LookupError, match=r"no provider 'acme'; known are .*xero"):
        provider("acme")


def test_a_company_of_the_redirect_is_proved_by_a_call() -> None:
    section = XERO[XERO.index("[companies]") : XERO.index("[webhooks]")]
    with pytest.raises(ValidationError, match="the redirect alone is no proof"):
        load(XERO.replace(section, '[companies]\nid_param = "org"\n'))


def test_a_company_in_the_url_cannot_leave_its_place() -> None:
    calls = provider("xero").calls.model_copy(update={"base_url": "https://a.example/{company}/v1"})
    assert calls.url("7") == "https://a.example/7/v1"
    assert calls.url("7/../8?x#y") == "https://a.example/7%2F..%2F8%3Fx%23y/v1"


def test_a_body_may_name_companies_at_one_path_or_several() -> None:
    webhooks = provider("xero").webhooks
    assert webhooks is not None
    assert webhooks.company_paths == ("events[].tenantId",)
    text = XERO.replace('company_path = "events[].tenantId"', 'company_path = ["a[].b", "[].c"]')
    both = load(text).webhooks
    assert both is not None
    assert both.company_paths == ("a[].b", "[].c")
