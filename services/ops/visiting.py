"""Follows the way of a person through a connection, for a sandbox that approves at once."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from contracts.provider import provider as provider_facts
from libs.devstack.process import DevstackError

LIMIT = 60.0
PAGES = 2
"""The provider's page, where a person consents, and ours, where several companies are offered."""


class Page(HTMLParser):
    """A page's words, and its first form: where it goes, what it hides, which companies it has."""

    def __init__(self, page: httpx.Response) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.companies: list[str] = []
        self.words: list[str] = []
        self._skipping = False
        self.feed(page.text)
        self.action = urljoin(str(page.url), self.action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._skipping = tag in {"style", "script", "title"}
        if tag == "form":
            self.action = self.action or found.get("action", "")
        elif found.get("name") == "company":
            self.companies.append(found.get("value", ""))
        elif found.get("type") == "hidden":
            self.fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._skipping = self._skipping and tag not in {"style", "script", "title"}

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._skipping:
            self.words.append(" ".join(data.split()))


def approved_at_once(provider: str, company: str) -> bool:
    """Whether a sandbox that is not asked gives what is wanted.

    It gives its first company where a consent is for one: another is chosen on its page.
    """
    companies = provider_facts(provider).companies
    return not company or companies is None or not companies.single


def visit(url: str, company: str = "") -> None:
    """Go from the link to the confirmation; of the companies offered `company`, else the first.

    Raises DevstackError with what the page said where it does not end in a connection.
    """
    try:
        with httpx.Client(follow_redirects=True, timeout=LIMIT, trust_env=False) as browser:
            answer = browser.get(url)
            page = Page(answer)
            for _ in range(PAGES):
                if not (answer.is_success and page.companies):
                    break
                answer = browser.post(page.action, data=_chosen(page, company))
                page = Page(answer)
    except httpx.HTTPError as error:
        where = url.partition("?")[0]
        raise DevstackError(f"{where} does not answer ({type(error).__name__}).") from None
    if not answer.is_success:
        raise DevstackError(f"It did not connect: {' '.join(page.words)[:400]}")


def _chosen(page: Page, company: str) -> dict[str, str]:
    taken = company if company in page.companies else page.companies[0]
    return {**page.fields, "company": taken, "decision": "allow"}
