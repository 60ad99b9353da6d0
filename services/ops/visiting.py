"""Follows the way of a person through a connection, for a sandbox that approves at once."""

from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from libs.devstack.process import DevstackError

LIMIT = 60.0


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


def visit(url: str) -> None:
    """Go from the link to the confirmation; the first company offered is taken.

    Raises DevstackError with what the page said where it does not end in a connection.
    """
    try:
        with httpx.Client(follow_redirects=True, timeout=LIMIT, trust_env=False) as browser:
            answer = browser.get(url)
            page = Page(answer)
            if answer.is_success and page.companies:
                chosen = {**page.fields, "company": page.companies[0]}
                answer = browser.post(page.action, data=chosen)
                page = Page(answer)
    except httpx.HTTPError as error:
        where = url.partition("?")[0]
        raise DevstackError(f"{where} does not answer ({type(error).__name__}).") from None
    if not answer.is_success:
        raise DevstackError(f"It did not connect: {' '.join(page.words)[:400]}")
