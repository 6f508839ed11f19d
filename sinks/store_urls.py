"""The object store that a URL names: how it is opened, and what its errors say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category
from urllib.parse import quote

from reelin import UsageError

if TYPE_CHECKING:
    from obstore.store import ObjectStore

SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "memory")
_CONTROL = frozenset(["Cc", "Cs"])
_OF_A_CLOUD = re.compile("/latest/(api/token|meta-data)|/computeMetadata/|/metadata/identity/")
# How S3, Google Cloud and Azure say what is wrong.
_ANSWER = re.compile("<Code>(.*?)</Code>.*?<Message>(.*?)</Message>")


def open_store(url: str) -> ObjectStore:
    """Return the store at a URL. Raises `UsageError` where there can be none."""
    scheme = url.partition("://")[0].lower()
    if scheme not in SCHEMES:
        known = ", ".join(f"{each}://" for each in SCHEMES)
        raise UsageError(f"{url}: nothing is known of how to write there; there are {known}")
    try:
        from obstore.exceptions import BaseError
        from obstore.store import from_url
    except ImportError:
        raise UsageError("object stores need: pip install 'reelin[s3]'") from None
    quoted = _quote_prefix(url)
    try:
        return from_url(quoted)
    except (BaseError, ValueError) as error:
        raise UsageError(f"{url}: {describe_error(error)}") from None


def tidy(url: str) -> str:
    """Return a URL without the slashes that it ends with."""
    scheme, mark, place = url.partition("://")
    return f"{scheme}{mark}{place.rstrip('/')}"


def _quote_prefix(url: str) -> str:
    """Return a URL whose prefix obstore takes as it stands: `%41`, `#` and `..` mean more to it.

    Raises `UsageError` for a prefix that no store can have.
    """
    scheme, _, place = url.partition("://")
    bucket, slash, prefix = place.partition("/")
    if not bucket and scheme.lower() != "memory":
        raise UsageError(f"{url}: its bucket is missing; write {scheme}://BUCKET/PREFIX")
    login, at, _ = bucket.rpartition("@")
    if at and (":" in login or not scheme.lower().startswith("abfs")):
        raise UsageError(f"{scheme}://…: a login does not belong there; set it in the environment")
    parts = prefix.split("/") if prefix else []
    if any(part in ("", ".", "..") for part in parts) or not _CONTROL.isdisjoint(
        map(category, url)
    ):
        raise UsageError(f"{url!r}: a prefix is names with one slash between them")
    return f"{scheme}://{bucket}{slash}{'/'.join(quote(part, safe='') for part in parts)}"


def describe_error(error: Exception) -> str:
    """Return what the store says of an error, or else obstore, without its stack."""
    text = " ".join(str(error).partition("Debug source")[0].split())
    if answer := _ANSWER.search(text):
        return f"{answer[1]}: {answer[2]}"[:300]
    if "builder error" in text:  # of the HTTP client, which is told to take https alone
        return (
            "its endpoint is an http:// address, to which nothing is sent unless the environment"
            " says AWS_ALLOW_HTTP=true (Azure: AZURE_ALLOW_HTTP=true); or use https://"
        )
    if _OF_A_CLOUD.search(text):  # the last place where it looks for credentials
        return (
            "no credentials: there are none in the environment (S3 takes AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY), and this machine has none"
        )
    return text[:300]
