"""URLs as browsers read them (WHATWG URL Standard): joined, cleaned, compared by origin.

The reading is done by Ada, which browsers' makers test against. Hosts come out in ASCII by the same
rules (UTS #46, not transitional), so that everything that asks for a host asks for the same one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import quote, urlsplit, urlunsplit

# As links to podcasts begin, for the programs that play them: `feed:https://…`, `itpc://…`.
_SUBSCRIBE = re.compile(r"(?:feed|itpc|pcast|podcast):(?://)?(?!/|\d+(?:/|\Z))", re.IGNORECASE)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*:")
# C0 controls and spaces are stripped at both ends; tabs and line ends vanish everywhere.
_ENDS = "".join(map(chr, range(0x21)))
_REMOVED = re.compile(r"[\t\r\n]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What a query may hold as it is. `%` is never touched: who wrote it has escaped already.
_QUERY_SAFE = "!$%&()*+,-./:;=?@[\\]^_`{|}~"
_NO_HOST = re.compile(r"[/?#@\\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}
# Most URLs of most pages need no work: absolute and clean, or plain names below the page's folder.
_CLEAN_URL = re.compile(
    r"(https?://[a-z0-9][a-z0-9_.:\-]*+/)(?!/)[A-Za-z0-9_~/%+,=&?;:@!$*().\-]*+"
)
_PLAIN_PATH = re.compile(
    r"(?!\Z|\?)/?(?:(?!\.|%2[eE])[A-Za-z0-9_~%+,=!$*().\-]++(?:/|(?=\?)|\Z))*+"
    r"(?:\?[A-Za-z0-9_~/%+,=&;:@!$*().\-]++)?"
)


def join(base: str, href: str, encoding: str = "utf-8") -> str | None:
    """The absolute http(s) URL that `href` means on a page at `base`, without its fragment.

    encoding: the codec of the page: letters in a query are sent in its bytes, all others in UTF-8

    None for other schemes (`data:`, `javascript:`, `mailto:`), fragments alone, and nonsense.
    """
    plain = href.partition("#")[0] if "#" in href else href
    if plain[:2] in ("ht", "//"):
        whole = plain if plain[0] == "h" else f"{base.partition('/')[0]}{plain}"
        if _is_clean(whole):
            return whole
    if _PLAIN_PATH.fullmatch(plain):
        root, folder = _folder(base)
        return (root if plain[0] == "/" else folder) + plain
    href = _REMOVED.sub("", href.strip(_ENDS)).partition("#")[0]
    scheme = _SCHEME.match(href)
    if not href or (scheme and scheme[0].lower() not in ("http:", "https:")):
        return None
    return _parse(href if href.isascii() else _in_bytes_of(encoding, href), base)


def _is_clean(url: str) -> bool:
    """Whether a URL is known to mean itself: most are, and this is quicker than reading them."""
    found = _CLEAN_URL.fullmatch(url)
    # A segment may be `.` or `..`, which browsers also take when they are escaped.
    if found is None or "/." in url or "/%2" in url:
        return False
    return _is_itself(found[1])


@lru_cache(maxsize=1024)
def _is_itself(start: str) -> bool:
    return _parse(start) == start


@lru_cache(maxsize=64)
def _folder(base: str) -> tuple[str, str]:
    """The beginnings of a page's absolute and relative links: its origin, and its folder."""
    joined = _parse("./", base) or base
    parts = urlsplit(joined)
    return f"{parts.scheme}://{parts.netloc}", joined


def _in_bytes_of(encoding: str, href: str) -> str:
    """Escape the query of a link by the encoding of its page (WHATWG URL, 4.4, query state)."""
    head, mark, query = href.partition("?")
    if query.isascii() or encoding.startswith("utf"):
        return href
    return head + mark + quote(_encode(query, encoding), safe=_QUERY_SAFE)


def _encode(query: str, encoding: str) -> bytes:
    try:
        return query.encode(encoding)
    except UnicodeEncodeError:
        return b"".join(_encode_letter(letter, encoding) for letter in query)


def _encode_letter(letter: str, encoding: str) -> bytes:
    """Encode a letter; one that the encoding lacks as its number in HTML, as forms do."""
    encoded = letter.encode(encoding, "xmlcharrefreplace")
    number = encoded.removeprefix(b"&#")
    return encoded if number == encoded else b"%26%23" + number.replace(b";", b"%3B")


def clean(url: str) -> str | None:
    """A URL in the form in which it is sent and compared, or None if it is no http(s) URL.

    Scheme and host in lower case and ASCII, default port and fragment gone, `..` resolved,
    characters that may not stand in a URL percent-encoded as UTF-8.
    """
    url = url.partition("#")[0]
    return url if _is_clean(url) else _parse(url)


def _parse(url: str, base: str | None = None) -> str | None:
    from ada_url import join_url, normalize_url

    if not url.isascii():
        url = _SURROGATE.sub("\ufffd", url)
    try:
        parsed = normalize_url(url) if base is None else join_url(base, url)
    except ValueError:
        return None
    return parsed if parsed.startswith(("http://", "https://")) else None


def ascii_host(host: str) -> str | None:
    """A host's name as requests and cookies have it, or None if it is no host. No port counts."""
    url = None if _NO_HOST.search(host) else _parse(f"http://{host}/")
    return urlsplit(url).hostname if url else None


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
    text = _SUBSCRIBE.sub("", text.strip())
    if re.match(r"https?://", text, re.IGNORECASE):
        return clean(text)
    if _SCHEME.match(text) and not re.match(r"[^/:]+:\d+(/|$)", text):
        return None
    url = clean(f"https://{text}")
    host = urlsplit(url).hostname if url else None
    # A name without a dot is a word, and a number is no address, whatever browsers make of it.
    if not host or not (host == "localhost" or re.match("[^/?#]*[.\u3002\uff0e\uff61[]", text)):
        return None
    return clean(f"http://{text}") if _is_local(host) else url


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False
