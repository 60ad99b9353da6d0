"""`python -m tests.matrix`: the table of the last run, rows by providers."""

import json
import sys

from contracts.features import Feature
from contracts.provider import provider
from tests.matrix.cells import PROVIDERS, REPORT

MARKS = {"pass": "yes", "not offered": "not offered", "fail": "FAILS"}


def main() -> int:
    """Print it as Markdown; 1 where a cell fails or was never tried."""
    if not REPORT.is_file():
        print("There is no result yet: make matrix", file=sys.stderr)  # noqa: T201
        return 2
    cells = json.loads(REPORT.read_text())
    print("| row | " + " | ".join(provider(name).name for name in PROVIDERS) + " |")  # noqa: T201
    print("|---|" + "---|" * len(PROVIDERS))  # noqa: T201
    whole = True
    for feature in Feature:
        found = cells.get(str(feature.value), {})
        marks = [MARKS.get(found.get(name, {}).get("result", ""), "-") for name in PROVIDERS]
        whole = whole and not {"-", "FAILS"} & set(marks)
        print(f"| {feature.value} {feature.title} | " + " | ".join(marks) + " |")  # noqa: T201
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
