"""Where URLs lead with SANDBOX_URL, <PROVIDER_ID>_ORIGIN and neither; plain http is refused."""

import pytest

from libs.service.origins import OriginRefused, Origins

VENDOR = "https://api.acme.example/v2/Invoices?page=1#top"


def test_without_variables_the_vendors_url_stays() -> None:
    assert Origins.from_environment({}).replace("acme", VENDOR) == VENDOR


def test_the_sandbox_serves_every_provider_under_its_id() -> None:
    origins = Origins.from_environment({"SANDBOX_URL": "http://127.0.0.1:9800/"})
    expected = "http://127.0.0.1:9800/acme_two/v2/Invoices?page=1#top"
    assert origins.replace("acme_two", VENDOR) == expected


def test_a_providers_own_origin_wins() -> None:
    origins = Origins.from_environment(
        {"SANDBOX_URL": "http://127.0.0.1:9800", "ACME_ORIGIN": "https://proxy.example:8443"}
    )
    assert origins.replace("acme", VENDOR) == "https://proxy.example:8443/v2/Invoices?page=1#top"
    assert origins.replace("other", VENDOR).startswith("http://127.0.0.1:9800/other/v2/")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "[::1]"])
def test_plain_http_is_fine_on_this_machine(host: str) -> None:
    origins = Origins.from_environment({"ACME_ORIGIN": f"http://{host}:1"})
    assert origins.replace("acme", VENDOR) == f"http://{host}:1/v2/Invoices?page=1#top"


@pytest.mark.parametrize(
    "origin",
    [
        "http://10.0.0.1",
        "http://sandbox.example",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "http://127.0.0.1@sandbox.example",
        "ftp://127.0.0.1",
        "127.0.0.1:9800",
        "https://",
    ],
)
@pytest.mark.parametrize("variable", ["ACME_ORIGIN", "SANDBOX_URL"])
def test_anything_else_is_refused_at_start(variable: str, origin: str) -> None:
    with pytest.raises(OriginRefused):
        Origins.from_environment({variable: origin})


def test_a_vendor_url_without_tls_is_refused() -> None:
    with pytest.raises(OriginRefused):
        Origins.from_environment({}).replace("acme", "http://api.acme.example/")
