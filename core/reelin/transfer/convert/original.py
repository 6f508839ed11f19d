"""The landing of a file that something else is to be made of."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...disk.keeper import Keeper
from ...disk.known import sha256_of
from ...disk.landing import Landing
from ...disk.sidecar import write_sidecar
from ...model.stored import Head


class Original(Landing):
    """The `.part` of a file that is to be converted: what is fetched stays in it, also when whole.

    So it is continued by a later process as any other, and when it is whole and its conversion
    failed or was cut short, it is not fetched again.
    """

    def __init__(self, final: Landing) -> None:
        keeper = _OriginalKeeper(final.keeper)
        super().__init__(final.path, final._writer, keeper, state=final._state, overwrite=True)
        self.final = self.part

    async def note_whole(self, head: Head, sha256: str) -> None:
        """Note in the sidecar that the part is whole, and what it is."""
        facts = {
            "url": head.url,
            "mime": head.mime,
            "type": head.type,
            "filename": head.filename,
            "date": head.date.isoformat() if head.date else None,
        }
        await self._thread.run(self._note, {"whole": sha256, "head": facts})

    async def find_whole(self) -> Head | None:
        """Return what the part is, if an earlier process got all of it and it is the same still.

        One that is not the same is discarded.
        """
        left = self.read_unfinished()
        if left is None or not left[0].get("whole"):
            return None
        token, _, size = left
        if await self._thread.run(sha256_of, self.part) != token["whole"]:
            self.discard()
            return None
        return replace(_read_head(token["head"]), size=size)

    def _drop_unfinished(self) -> None:
        shutil.rmtree(self._store, ignore_errors=True)  # the part is what was adopted

    def _note(self, token: dict[str, Any]) -> None:
        write_sidecar(self.sidecar, self.keeper.identity | token, [])


class _OriginalKeeper(Keeper):
    """Keeps an original for whoever keeps the file that is to be made of it."""

    def __init__(self, final: Keeper) -> None:
        self.identity = final.identity
        self._final = final

    async def wait_for_room(self) -> bool:
        return await self._final.wait_for_room()


def _read_head(facts: dict[str, Any]) -> Head:
    date = facts.get("date")
    return Head(
        facts["url"],
        mime=facts.get("mime"),
        type=facts.get("type"),
        filename=facts.get("filename"),
        date=datetime.fromisoformat(date) if date else None,
    )
