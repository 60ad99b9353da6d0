"""One package per provider: facts stand in contracts/providers, here is only what is odd.

CONNECTORS_PATH names more folders of such packages: `python -m services connectors.<id>`.
"""

from contracts.provider import extra_folders

__path__ += [str(folder) for folder in extra_folders("CONNECTORS_PATH")]
