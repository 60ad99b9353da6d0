"""Which service processes a stack's folder has started, so that a later command finds them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from libs.devstack.process import ProcessId
from libs.devstack.service import ServiceProcess


@dataclass(frozen=True, slots=True)
class Records:
    """The file `services.json` of a stack's folder."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "services.json"

    def load(self) -> dict[str, ServiceProcess]:
        """The services by name, those that have ended too."""
        if not self.file.exists():
            return {}
        seen = json.loads(self.file.read_text())
        return {
            name: ServiceProcess(
                name,
                entry["port"],
                self.folder / f"{name}.log",
                process=ProcessId(entry["pid"], entry["created"]),
            )
            for name, entry in seen.items()
        }

    def save(self, services: Mapping[str, ServiceProcess]) -> None:
        entries = {
            name: {
                "port": service.port,
                "pid": service.process.pid,
                "created": service.process.created,
            }
            for name, service in services.items()
            if service.process is not None
        }
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps(entries, indent=1))
        part.rename(self.file)

    def forget(self) -> None:
        self.file.unlink(missing_ok=True)
