"""Signatures in addresses: which parts of a URL only say who may fetch it, and until when.

They change with every view of a page, and the file behind does not. `unsigned` takes them off, so
that what is left says which file is meant. Only whole signatures of a known kind count, by the
parameters that come together: a lone `token` or `hash` may well be all that tells two files apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from .media_types import PROGRAMS, extension, path_of


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign addresses. Names of parameters in lower case.

    marks:    the parameters that tell it: all of them are there
    others:   what it adds besides, where it does
    prefixes: how names of its parameters begin
    of_files: whether its parameters are such common words that the path has to name a file, too
    """

    marks: frozenset[str]
    others: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    of_files: bool = False

    def owns(self, name: str) -> bool:
        """Whether a parameter is part of the signature."""
        return name in self.marks or name in self.others or name.startswith(self.prefixes)


def _scheme(marks: str, others: str = "", prefixes: str = "", *, of_files: bool = False) -> Scheme:
    words = frozenset(marks.split()), frozenset(others.split()), tuple(prefixes.split())
    return Scheme(*words, of_files=of_files)


# Where each is described.
SCHEMES = (
    # Amazon S3, Signature Version 4: docs.aws.amazon.com/AmazonS3 "sigv4-query-string-auth"
    _scheme(
        "x-amz-signature",
        "x-amz-algorithm x-amz-credential x-amz-date x-amz-expires x-amz-signedheaders"
        " x-amz-security-token x-amz-content-sha256",
    ),
    # Amazon S3, Signature Version 2: docs.aws.amazon.com/AmazonS3 "RESTAuthentication"; Huawei OBS
    _scheme("awsaccesskeyid signature", "expires x-amz-security-token"),
    _scheme("accesskeyid signature", "expires x-obs-security-token"),
    # Amazon CloudFront, canned and custom policy: docs.aws.amazon.com/AmazonCloudFront
    # "private-content-signed-urls"
    _scheme("key-pair-id signature", "expires policy hash-algorithm"),
    # Azure shared access signatures: learn.microsoft.com/rest/api/storageservices
    # "create-service-sas", "create-account-sas", "create-user-delegation-sas"
    *(
        _scheme(
            f"sig {mark}",
            "sv ss srt sr sp st se sip spr si ses sdd saoid suoid scid skoid sktid skt ske sks skv"
            " skdutid sduoid",
        )
        for mark in ("se", "sv", "si")
    ),
    # Google Cloud Storage, V4 and V2: cloud.google.com/storage/docs/authentication/signatures
    _scheme(
        "x-goog-signature",
        "x-goog-algorithm x-goog-credential x-goog-date x-goog-expires x-goog-signedheaders",
    ),
    _scheme("googleaccessid signature", "expires"),
    # Google Cloud CDN and Media CDN: cloud.google.com/cdn/docs/using-signed-urls,
    # cloud.google.com/media-cdn/docs/generate-signatures
    _scheme("keyname signature", "expires urlprefix"),
    # Alibaba OSS, V1 and V4: alibabacloud.com/help/oss "add-signatures-to-urls"; its CDN, type A
    _scheme("ossaccesskeyid signature", "expires security-token"),
    _scheme(
        "x-oss-signature",
        "x-oss-signature-version x-oss-credential x-oss-date x-oss-expires x-oss-security-token"
        " x-oss-additional-headers",
    ),
    _scheme("auth_key", of_files=True),
    # Tencent COS: cloud.tencent.com/document/product/436/7778; its CDN: 228/41622
    _scheme(
        "q-signature q-ak",
        "q-sign-algorithm q-sign-time q-key-time q-header-list q-url-param-list"
        " x-cos-security-token",
    ),
    _scheme("txsecret txtime"),
    # Volcengine TOS: volcengine.com/docs/6349/74839; Wangsu (CDNetworks): wsSecret and wsTime
    _scheme(
        "x-tos-signature",
        "x-tos-algorithm x-tos-credential x-tos-date x-tos-expires x-tos-signedheaders"
        " x-tos-security-token",
    ),
    _scheme("wssecret wstime"),
    # OpenStack Swift: docs.openstack.org/swift "tempurl"
    _scheme("temp_url_sig temp_url_expires", "temp_url_prefix temp_url_ip_range"),
    # Akamai Edge Authorization Token: pypi.org/project/akamai-edgeauth; `hmac=` in any parameter
    # counts as well, see `_is_token`
    *(_scheme(name) for name in ("hdnts", "hdnea", "hdntl", "hdnet", "__hdnea__", "__token__")),
    _scheme("__gda__"),
    # Bunny: docs.bunny.net/docs/cdn-token-authentication (`bcdn_token` in a path, see `_SEGMENT`)
    _scheme(
        "token expires", "token_path token_countries token_countries_blocked limit", of_files=True
    ),
    # KeyCDN, Cloudflare and nginx by example: `token` and `expire`; nginx's own example and Gcore:
    # nginx.org/en/docs/http/ngx_http_secure_link_module.html; lighttpd's successors: `st` and `e`
    _scheme("token expire", of_files=True),
    _scheme("md5 expires", of_files=True),
    _scheme("st e", of_files=True),
    # Laravel, Symfony, ownCloud and many more: `signature` with `expires`; imgix: `s` with it
    _scheme("signature expires", of_files=True),
    _scheme("sig expires", of_files=True),
    _scheme("hash expires", of_files=True),
    _scheme("s expires", of_files=True),
    _scheme("oc-signature", "oc-credential oc-date oc-expires oc-verb oc-algo"),
    # Wowza: wowza.com/docs "how-to-protect-streaming-using-securetoken"
    _scheme("wowzatokenhash", prefixes="wowzatoken"),
    # Instagram and Facebook: `oe` is the end in hexadecimal, `_nc_*` change with the edge server;
    # `stp` says which size, and stays
    _scheme("oh oe", "edm ccb", "_nc_"),
    # Discord: github.com/useapi/discord-cdn-proxy (end, begin, mark)
    _scheme("ex hm", "is"),
    # TikTok: dev.to/alex97po "Pre-signed URL expiry"
    _scheme("x-expires x-signature"),
    # SharePoint and OneDrive
    _scheme("tempauth"),
    # Bilibili: `upsig` over the parameters that `uparams` names
    _scheme("upsig deadline", "uparams uipk nbs gen os oi trid mid platform og lrs bw logo"),
)
# Sessions of forums and shops in the query: phpBB's, PHP's, Java's.
_SESSION = re.compile(r"(?:sid|phpsessid|jsessionid)=[0-9a-f]{32}(?:\.\w+)?\Z", re.IGNORECASE)
# Whatever it is called: an Akamai token, or a JSON Web Token (RFC 7519).
_TOKEN = re.compile(r"(?:.*[~&])?hmac=[0-9a-f]{16,}.*|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+", re.DOTALL)
# Hashes in paths (MD5 in base64 as nginx's, or in hexadecimal), and the time until which one holds:
# seconds since 1970, from 2012 on, also in hexadecimal (lighttpd), or a date to the minute.
_HEX = r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})"
_HASH = rf"(?:(?-i:(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{{22}})|{_HEX})"
_TIME = r"(?:1[3-9]\d{8}|[56][0-9a-f]{7}|20[1-3]\d[01]\d[0-3]\d[0-2]\d[0-5]\d)"
# Signatures in paths: Akamai's (Vimeo), Bunny's, CDN77's (`/HASH,END/`); a hash beside its time, as
# nginx's secure_link, lighttpd's mod_secdownload, Alibaba's types B and C and Tencent's have it, or
# both with their names; sessions of Java's servers and ASP.NET's.
_SEGMENT = re.compile(
    r"/(?:[^/?]*~)?hmac=[0-9a-f]{16,}[^/?]*(?=/)"
    r"|/bcdn_token=[^/?]*(?=/)"
    r"|/[\w-]{22},\d{10}(?=/)"
    rf"|/{_HASH}/{_TIME}(?=/)|/{_TIME}/{_HEX}(?=/)"
    rf"|/(?:token|hash|sig|signature|md5)[=/][\w%~-]{{16,}}/(?:e|exp|expires?)[=/]{_TIME}(?=/)"
    rf"|/(?:e|exp|expires?)[=/]{_TIME}/(?:token|hash|sig|signature|md5)[=/][\w%~-]{{16,}}(?=/)"
    r"|/\(S\([0-9a-z]{24}\)\)(?=/)"
    r"|;jsessionid=[^/?;]*",
    re.IGNORECASE,
)
_MAY_HOLD_SEGMENT = re.compile(r"hmac=|bcdn_token=|[,;]|\(S\(|/[^/?]*\d[^/?]{9,}/", re.IGNORECASE)
# Parts of a path that change as signatures do, whatever they mean: times, and what is long and
# mixed of digits and letters, as hashes and tokens are.
_CHANGING = re.compile(
    rf"/(?:[\w-]{{1,24}}[=~])?(?:{_TIME}|1[3-9]\d{{11}}|(?=[^/]*\d)(?=[^/]*[a-z])[\w.,=~%*!-]{{16,}})"
    r"(?=/)",
    re.IGNORECASE,
)
_ALL_MARKS = frozenset().union(*(each.marks for each in SCHEMES))
# Most queries hold none of all that.
_SUSPECT = re.compile(
    rf"(?:\A|&)(?:{'|'.join(map(re.escape, sorted(_ALL_MARKS)))}|sid|phpsessid|jsessionid)="
    r"|hmac|=eyJ",
    re.IGNORECASE,
)
# What a server runs: its answer depends on the query, whatever the path is.
_RUN = PROGRAMS | {"ashx", "fcgi"}


@lru_cache(maxsize=1024)  # each file is asked for several times in a row
def unsigned(url: str) -> str:
    """Return a URL without what signs it: the same for each signature of the same file."""
    rest, mark, query = url.partition("?")
    host = rest.find("/", 8)
    if host > 0 and _MAY_HOLD_SEGMENT.search(rest, host):
        rest = rest[:host] + _SEGMENT.sub("", rest[host:])
    if not _SUSPECT.search(query):
        return rest + mark + query
    parameters = query.split("&")
    names = [each.partition("=")[0].lower() for each in parameters]
    schemes = _schemes_in(frozenset(names), rest)
    unowned = [
        each
        for each, name in zip(parameters, names, strict=True)
        if not any(scheme.owns(name) for scheme in schemes)
    ]
    kept = [each for each in unowned if each and not _is_token(each)]
    if not kept and not _names_file(rest):
        # A token that is all there is may be what names the file.
        kept = list(filter(None, unowned))
    if not schemes and len(kept) == len(parameters):
        return f"{rest}?{query}"
    return f"{rest}?{'&'.join(kept)}" if kept else rest


@lru_cache(maxsize=1024)
def lasting_path(url: str) -> str:
    """Return the path of a URL without its signature, and with `*` for what may be one.

    Two that are equal may be of one file. That is a guess: only the bytes can prove it.
    """
    return _CHANGING.sub("/*", path_of(unsigned(url)))


def _schemes_in(names: frozenset[str], rest: str) -> list[Scheme]:
    """Return the ways in which an address with parameters of these names is signed."""
    found = [each for each in SCHEMES if each.marks <= names]
    return [each for each in found if not each.of_files or _names_file(rest)]


def _names_file(rest: str) -> bool:
    """Whether the path of an address names a file, and not a program that answers."""
    ending = extension(path_of(rest))
    return bool(ending) and ending not in _RUN


def _is_token(parameter: str) -> bool:
    value = parameter.partition("=")[2]
    if len(value) < 16:
        return False
    return bool(_SESSION.match(parameter) or _TOKEN.fullmatch(unquote(value)))
