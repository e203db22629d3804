"""A registry over days: what it shows on each, with updates, withdrawals, late records and merged ones."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

Study = dict[str, Any]


@dataclass
class RegistryHistory:
    """The events of a registry, each seen from its day on; days are ISO dates."""

    _events: list[tuple[str, str, Study | None]] = field(default_factory=list)

    def show(self, day: str, *studies: Study) -> None:
        """Show new studies or new versions; the day that they bear may be an earlier one."""
        for study in studies:
            identifier = study["protocolSection"]["identificationModule"]["nctId"]
            self._events.append((day, identifier, deepcopy(study)))

    def withdraw(self, day: str, *registry_ids: str) -> None:
        """Take studies out of the registry."""
        self._events += [(day, registry_id, None) for registry_id in registry_ids]

    def merge(self, day: str, registry_id: str, into: str) -> None:
        """Make one study an alias of another, which is updated by that."""
        merged = self._state(day)[into]
        protocol = merged["protocolSection"]
        protocol["identificationModule"].setdefault("nctIdAliases", []).append(registry_id)
        protocol["statusModule"]["lastUpdatePostDateStruct"]["date"] = day
        self.withdraw(day, registry_id)
        self.show(day, merged)

    def on(self, day: str) -> list[Study]:
        """Return all that the registry shows on a day, every record stamped with that day's release."""
        studies = list(self._state(day).values())
        for study in studies:
            misc = study.setdefault("derivedSection", {}).setdefault("miscInfoModule", {})
            misc["versionHolder"] = day
        return studies

    def _state(self, day: str) -> dict[str, Study]:
        state: dict[str, Study] = {}
        for since, registry_id, study in sorted(self._events, key=lambda event: event[0]):
            if since > day:
                break
            if study is None:
                state.pop(registry_id, None)
            else:
                state[registry_id] = deepcopy(study)
        return state
