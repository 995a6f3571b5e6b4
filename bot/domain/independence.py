"""Independence: whether two pages are two reports, or one given twice under names that look alike."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from bot.domain.people import Source
from bot.domain.wording import tokens

_PORTS = {"http": 80, "https": 443}
_TWINS = str.maketrans(
    "аеорсухкмтвніјѕԁһԛԝ" "αβεηικμνορτυχζ" "0l1",
    "aeopcyxkmtbhijsdhqw" "abehikmnoptyxz" "oii",
)  # fmt: skip
"""Letters of two alphabets, and digits, that one cannot tell apart in print, once they are lower case."""


def has_two_origins(sources: Iterable[Source]) -> bool:
    """Return whether two reported it independently of each other, each on a page of their own."""
    pages = [page for page in sources if looks(page.origin)]
    return are_apart(page.origin for page in pages) and len({address(page.url) for page in pages}) > 1


def are_apart(names: Iterable[str]) -> bool:
    """Return whether two of these names are of two: they look otherwise, and sound otherwise as well."""
    return any(
        looks(one) != looks(other) and _sounds(one) != _sounds(other)
        for one, other in itertools.combinations(names, 2)
    )


def _sounds(name: str) -> str:
    """Return how a name sounds, roughly: «Вясна», «Весна» and “Viasna” are one."""
    return "".join(token.folded for token in tokens(name)) or name


def looks(name: str) -> str:
    """Return a name as it looks: without case, accents, spaces, signs and the alphabet of a letter."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in plain.translate(_TWINS) if sign.isalnum())


def address(url: str) -> str:
    """Return what is the same in every spelling of one page's address."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "").removeprefix("www.").rstrip(".")
    where = "" if port in {None, _PORTS.get(parts.scheme)} else f":{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{host}{where}{unquote(parts.path).rstrip('/')}{query}"


def given_twice(urls: Iterable[str]) -> bool:
    """Return whether one page is among these more than once."""
    addresses = [address(url) for url in urls]
    return len(set(addresses)) < len(addresses)
