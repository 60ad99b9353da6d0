"""The sandbox's HTML pages: consent, errors and the read-only books of a company."""

from pathlib import Path

from fastapi import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.sandbox.provider import Provider, Wire

SHOWN_ENTRIES = 100
_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
)


def page(
    template: str, *, status: int = 200, form_action: str = "'none'", **values: object
) -> Response:
    """One HTML page under a policy that allows our style sheet and nothing else."""
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {form_action}"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    html = _templates.get_template(template).render(**values)
    return Response(html, status, headers, "text/html; charset=utf-8")


def books(provider: Provider, company: str, summary: Wire, trial_balance: Wire) -> Response:
    """The other side for people: documents, payments, journal, trial balance."""
    newest = provider.ledger(company).entries()[-SHOWN_ENTRIES:][::-1]
    journal = [
        {
            "at": entry.at,
            "kind": entry.kind,
            "document": entry.document,
            "lines": [
                (*provider.account_label(company, line.account), line.amount)
                for line in entry.lines
            ],
        }
        for entry in newest
    ]
    return page(
        "books.html",
        company=summary,
        provider=provider.id,
        tables=provider.tables(company),
        journal=journal,
        trial=trial_balance,
    )
