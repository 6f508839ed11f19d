"""URLs as browsers read them (WHATWG URL Standard): joined, cleaned, compared by origin."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
# C0 controls and spaces are stripped at both ends; tabs and line ends vanish everywhere.
_ENDS = "".join(map(chr, range(0x21)))
_REMOVED = re.compile(r"[\t\r\n]")
# What each part may hold as it is; everything else is percent-encoded. `%` is never touched.
_PATH_SAFE = "!$%&'()*+,-./:;=@[]^_|~\\"
_QUERY_SAFE = "!$%&()*+,-./:;=?@[\\]^_`{|}~"
_CLEAN = re.compile(r"[!-~]*\Z")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Most URLs of most pages need no work: absolute and clean, or plain names below the page's folder.
_CLEAN_URL = re.compile(
    r"https?://[a-z0-9][a-z0-9.\-]*(?::(?!0|80/|443/)(?:[0-9]{1,4}|[1-5][0-9]{4}))?/(?!/)"
    r"[A-Za-z0-9_~/%+,=&?;:@!$*().\-]*+"
)
_PLAIN_PATH = re.compile(
    r"(?!\Z|\?)/?(?:(?!\.)[A-Za-z0-9_~%+,=!$*().\-]++(?:/|(?=\?)|\Z))*+"
    r"(?:\?[A-Za-z0-9_~/%+,=&;:@!$*().\-]++)?"
)


def join(base: str, href: str) -> str | None:
    """The absolute http(s) URL that `href` means on a page at `base`, without its fragment.

    None for other schemes (`data:`, `javascript:`, `mailto:`), fragments alone, and nonsense.
    """
    plain = href.partition("#")[0] if "#" in href else href
    if "/." not in plain:
        if _PLAIN_PATH.fullmatch(plain):
            root, folder = _folder(base)
            return (root if plain[0] == "/" else folder) + plain
        whole = f"{base.partition('/')[0]}{plain}" if plain.startswith("//") else plain
        if _CLEAN_URL.fullmatch(whole):
            return whole
    href = _REMOVED.sub("", href.strip(_ENDS))
    if not href or href.startswith("#"):
        return None
    if "\\" in href:
        head, mark, query = href.partition("?")
        href = head.replace("\\", "/") + mark + query
    scheme = _SCHEME.match(href)
    if scheme and scheme[0].lower() not in ("http:", "https:"):
        return None
    try:
        return clean(urljoin(base, href))
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _folder(base: str) -> tuple[str, str]:
    """The beginnings of a page's absolute and relative links: its origin, and its folder."""
    joined = clean(urljoin(base, ".")) or base
    parts = urlsplit(joined)
    return f"{parts.scheme}://{parts.netloc}", joined


def clean(url: str) -> str | None:
    """A URL in the form in which it is sent and compared, or None if it is no http(s) URL.

    Scheme and host in lower case (IDNA), default port and fragment gone, characters that may not
    stand in a URL percent-encoded as UTF-8.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        return None
    netloc = _netloc(scheme, parts.netloc)
    if netloc is None:
        return None
    path, query = parts.path or "/", parts.query
    if not _CLEAN.match(path) or '"' in path or "<" in path or ">" in path or "`" in path:
        path = quote(path, safe=_PATH_SAFE)
    if not _CLEAN.match(query) or any(mark in query for mark in "\"'<>"):
        query = quote(query, safe=_QUERY_SAFE)
    return urlunsplit((scheme, netloc, path, query, ""))


@lru_cache(maxsize=1024)
def _netloc(scheme: str, netloc: str) -> str | None:
    """The authority with its host in lower case and IDNA form and without a default port."""
    userinfo, at, hostport = netloc.rpartition("@")
    try:
        parts = urlsplit("//" + hostport)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or any(mark in host for mark in " <>\"'%\\^`{|}"):
        return None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return userinfo + at + host


def origin(url: str) -> str:
    """Scheme, host and port of an absolute URL (RFC 6454): what credentials are bound to."""
    path = url.find("/", 8)
    return _origin(url if path < 0 else url[:path])


@lru_cache(maxsize=256)
def _origin(start: str) -> str:
    parts = urlsplit(start)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def without_userinfo(url: str) -> str:
    """The URL without `user:password@`, as it may be shown, logged and sent as Referer."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def from_person(text: str) -> str | None:
    """The URL that a person means: `example.com/a` gets a scheme. None if it cannot be one."""
    text = text.strip()
    if not re.match(r"https?://", text, re.IGNORECASE):
        if _SCHEME.match(text) and not re.match(r"[^/:]+:\d+(/|$)", text):
            return None
        host = urlsplit("//" + text).hostname or ""
        if host != "localhost" and "." not in host and ":" not in host:
            return None
        text = f"{'http' if _is_local(host) else 'https'}://{text}"
    try:
        return clean(text)
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False
