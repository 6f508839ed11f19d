"""Every error that reelin raises, as one tree: one branch per party who must act.

    ReelinError
    ├── UsageError      the user: an option, a URL, a configuration file; it is a ValueError, too
    ├── PluginError     the author of a plugin: it does not load, raises, or breaks a promise
    ├── FetchError      the network or the server: something could not be fetched
    │   └── Transient   …this time: the same request may well succeed later
    ├── ExtractError    the site: the page is there, but is not what was expected
    │   └── LoginRequired  …but shown only to those who are logged in
    ├── ConvertError    the file: it came whole, but ffmpeg cannot make of it what is wanted
    └── SinkError       the place where files go: disk full, no permission, folder in use
        └── SinkLost    …which can take nothing further: the run ends

A message says what was tried, with which URL or path, and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class ReelinError(Exception):
    """Base of all errors raised by reelin.

    url:  what it is about, empty if no URL is
    kind: a stable word for JSON, such as `FetchError`: the name of the class in the tree above
    code: a stable word for the cause, for programs: `usage`, `plugin`, `extract`, `login`,
          `convert`, `disk`, and of fetching `blocked` (not a public address), `not_found` (404,
          410), `refused` (another status of 400 to 499), `server` (500 and above), `timeout`,
          `unreachable` (no connection, or one that broke) and `fetch` (all else)
    """

    kind: ClassVar[str] = "ReelinError"
    code: str = "error"

    def __init__(self, message: str, *, url: str = "") -> None:
        super().__init__(message)
        self.url = url


class UsageError(ReelinError, ValueError):
    """An option, URL or configuration value cannot be used."""

    kind = "UsageError"
    code = "usage"


class PluginError(ReelinError):
    """A plugin does not load, raised, hung, or breaks a promise of the plugin contract."""

    kind = "PluginError"
    code = "plugin"


class FetchError(ReelinError):
    """A URL could not be fetched. `status` is the HTTP status where there was an answer."""

    kind = "FetchError"

    def __init__(
        self, message: str, *, url: str = "", status: int | None = None, code: str = ""
    ) -> None:
        super().__init__(message, url=url)
        self.status = status
        self.code = code or _code_of(status)


class Transient(FetchError):
    """A fetch failed in a way that may pass. `retry_after`: seconds the server asks to wait."""

    def __init__(
        self,
        message: str,
        *,
        url: str = "",
        status: int | None = None,
        code: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, url=url, status=status, code=code)
        self.retry_after = retry_after


class ExtractError(ReelinError):
    """A page was fetched but does not hold what it should."""

    kind = "ExtractError"
    code = "extract"


class LoginRequired(ExtractError):
    """A page is shown only to those who are logged in. Extractors raise it.

    hint: how one gives the login to this site; empty: by whatever reelin has for that
    """

    kind = "LoginRequired"
    code = "login"

    def __init__(self, hint: str = "", *, url: str = "") -> None:
        where = f"{url}: " if url else ""
        how = hint or "give one with --cookies, --cookies-from-browser or --netrc"
        super().__init__(f"{where}a login is needed: {how}", url=url)
        self.hint = hint


class ConvertError(ReelinError):
    """A file came whole, but could not be made into what is wanted. In ffmpeg's words."""

    kind = "ConvertError"
    code = "convert"


class SinkError(ReelinError):
    """Bytes could not be stored: disk full, no permission, folder in use."""

    kind = "SinkError"
    code = "disk"


class SinkLost(SinkError):
    """A sink can take nothing further, and what it took is not whole: the run ends with this."""

    kind = "SinkLost"


def _code_of(status: int | None) -> str:
    """Return the word for an HTTP status; None: there was no answer."""
    if status is None or status < 400:
        return "fetch"
    if status in (404, 410):
        return "not_found"
    return "refused" if status < 500 else "server"
