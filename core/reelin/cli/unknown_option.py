"""What is said of an option that there is not: the nearest one, or what does that job here."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LIKENESS = 0.75  # of a name to what was typed; less makes nonsense of most
_SHORTEST = 3  # characters that are taken for the beginning of a name

# Names that other programs have (yt-dlp, gallery-dl, wget, curl, aria2), and what does it here.
_ELSEWHERE = {
    "accept": "--ext takes extensions, --type kinds of media",
    "batch-file": "here it is -i FILE",
    "config-location": "here it is --config FILE",
    "config-locations": "here it is --config FILE",
    "continue": "an interrupted download is always continued",
    "cookie": "give a cookies.txt with --cookies FILE, or -H 'Cookie: …'",
    "dateafter": "here it is --after DATE",
    "datebefore": "here it is --before DATE",
    "directory-prefix": "here it is -o DIR",
    "download-archive": "what is in a folder already is never fetched again",
    "extract-audio": "here it is --audio-format mp3 (or m4a, opus, flac, wav)",
    "format": "here it is --resolution, or -O ytdlp.format=…; --ext for kinds of files",
    "http-password": "write https://user:password@… or use --netrc",
    "http-user": "write https://user:password@… or use --netrc",
    "ignore-config": "here it is --no-config",
    "input": "here it is -i FILE",
    "limit": "there is no bound on items; --dry-run shows them",
    "load-cookies": "here it is --cookies FILE",
    "max-connection-per-server": "here it is --connections N",
    "max-concurrent-downloads": "here it is --workers N",
    "max-filesize": "here it is --max-size SIZE",
    "min-filesize": "here it is --min-size SIZE",
    "no-clobber": "what is there already is never fetched again",
    "no-overwrites": "what is there already is never fetched again",
    "output-document": "one page makes a folder; -o - writes to stdout",
    "password": "write https://user:password@… or use --netrc",
    "paths": "here it is -o DIR",
    "quality": "here it is --resolution, --audio-quality or -O ytdlp.quality=…",
    "referer": "the page is sent by itself; else -H 'Referer: URL'",
    "reject": "here it is --exclude-ext",
    "split": "here it is --connections N",
    "user": "write https://user:password@… or use --netrc",
    "username": "write https://user:password@… or use --netrc",
}


def describe_unknown_option(typed: str, known: Iterable[str]) -> str:
    """Say that there is no such option, and which one may have been meant."""
    names = [each for each in known if each.startswith("--")]
    word = typed.lstrip("-").lower().replace("_", "-")
    if word in _ELSEWHERE:
        return f"there is no option {typed}: {_ELSEWHERE[word]}"
    near = [each for each in names if len(word) >= _SHORTEST and each[2:].startswith(word)]
    if not near:
        likely = get_close_matches(word, [each[2:] for each in names], n=1, cutoff=_LIKENESS)
        near = [f"--{each}" for each in likely]
    hint = f"did you mean {' or '.join(near[:3])}?" if near else "--help shows all that there are"
    return f"there is no option {typed}; {hint}"
