"""Where the body of a file lands that something else is to be made of."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...disk.landing import Landing
from ...disk.sidecar import write_sidecar
from ...model.stored import Head


class Original(Landing):
    """The `.part` of a file that is to be converted: what is fetched stays in it, also when whole.

    So it is continued by a later process as any other, and when it is whole and its conversion
    failed or was cut short, it is not fetched again.
    """

    def __init__(self, final: Landing) -> None:
        super().__init__(final.path, final._writer, state=final._state)
        self.known_as = final.known_as
        self.wait_for_room = lambda _: final.wait_for_room(final)

    async def keep(self, head: Head, sha256: str | None) -> None:
        """Note that the part is whole, and what it is."""
        facts = {
            "url": head.url,
            "mime": head.mime,
            "type": head.type,
            "filename": head.filename,
            "date": head.date.isoformat() if head.date else None,
        }
        await self._thread.run(self._note, {"whole": sha256, "head": facts})

    async def whole(self) -> Head | None:
        """What the part is, if an earlier process got all of it and it is still the same."""
        left = self.left_behind()
        if left is None or not left[0].get("whole"):
            return None
        token, _, size = left
        if await self._thread.run(self._sha256) != token["whole"]:
            self.discard()
            return None
        return replace(_head(token["head"]), size=size)

    def _adopted(self) -> None:
        shutil.rmtree(self._stored, ignore_errors=True)  # the part is what was adopted

    def _reveal(self, source: str) -> None:
        if source != str(self.part):
            Path(source).replace(self.part)

    def _note(self, token: dict[str, Any]) -> None:
        write_sidecar(self.sidecar, self.known_as | token, [])

    def _sha256(self) -> str:
        with self.part.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _head(facts: dict[str, Any]) -> Head:
    date = facts.get("date")
    return Head(
        facts["url"],
        mime=facts.get("mime"),
        type=facts.get("type"),
        filename=facts.get("filename"),
        date=datetime.fromisoformat(date) if date else None,
    )
