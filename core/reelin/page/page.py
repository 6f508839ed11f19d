"""A page: all that an extractor sees."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .document import Document

if TYPE_CHECKING:
    from .judge import Judge
    from .scripts import Scripts


class Page(Document):
    """A page as an extractor sees it. Tree and soup are shared between extractors: only read them.

    The fields are those of a `Document`.
    """

    @cached_property
    def data(self) -> Scripts:
        """The inline scripts read as data; nothing is run. Each script is read once."""
        from .scripts import Scripts

        return Scripts(self)

    @cached_property
    def judge(self) -> Judge:
        """The judge of its images: it says which nobody wants, and remembers the page's parts."""
        from .judge import Judge

        return Judge(self.tree)
