"""Shares' symbols behind the names of their firms: ``Acme Rockets Inc. (NYSE: ACM)``, ``Du Pont (DD.N)``.

It decides that the symbol is another name of the firm before it, wherever the document has it (``$ACM``, ``ACM.L``), and that
the exchange in front of it is no entity there.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from schemas.base import FieldName
from services.entities.boundaries import Name, make_name
from services.entities.vocabulary import COMPANY_SUFFIXES
from services.entities.words import fold

_EXCHANGES = (
    "NYSE|NASDAQ|Nasdaq|AMEX|OTC|OTCQB|OTCQX|OTCMKTS|OTCBB|LSE|LON|AIM|TSX|TSXV|TSX-V|CSE|CVE|ASX|NSE|BSE|HKEX|HKG|SEHK|SGX|EPA|ETR|FRA"
    "|XETRA|BIT|BME|AMS|EBR|STO|HEL|CPH|OSL|VIE|SWX|SIX|WSE|JSE|TYO|TSE|KRX|KOSDAQ|SHA|SHE|SSE|SZSE|TADAWUL|BMV|B3|BVMF|IDX|NEO|NZX"
    "|Euronext|Xetra|Frankfurt|Toronto|London|Paris|Milan|Hong Kong"
)
_SEGMENTS = "American|Arca|MKT|GS|GM|CM|Paris|Amsterdam|Brussels|Lisbon|Growth|Venture|Global|Capital|Select|Market|Exchange|AIM"
_EXCHANGE = rf"(?:{_EXCHANGES})(?: (?:{_SEGMENTS})){{0,3}}|[A-Z]{{2,7}}"
_SYMBOL = r"\$?(?P<symbol>[A-Z0-9]{1,6})(?P<tail>[.:-][A-Z]{1,3})?"
_LISTING = re.compile(rf"(?P<exchange>{_EXCHANGE}) ?: ?{_SYMBOL}(?=[\s;,/)\]]|$)")
_BARE = re.compile(r" ?[(\[<]\$?(?P<symbol>[A-Z0-9]{1,6})\.(?P<tail>[A-Z]{1,2})[)\]>]")
_SUFFIX = re.compile(rf",? (?:{'|'.join(sorted(COMPANY_SUFFIXES))})\b\.?", re.IGNORECASE)
_BRACKET = re.compile(r" ?[(\[][^()\[\]\n]{3,120}[)\]]")


def put_tickers(text: str, names: Sequence[Name]) -> tuple[list[Name], dict[str, tuple[str, ...]]]:
    """``names`` of a field with the symbols behind firms and without their exchanges, and what each symbol stands for (folded).

    A firm that a model calls something else is one: nothing but shares has a symbol.
    """
    kept: list[Name] = []
    meanings: dict[str, tuple[str, ...]] = {}
    reached = 0
    for name in names:
        if name.start < reached:
            continue
        end, symbols = _read(text, name.end)
        if not symbols:
            kept.append(name)
            continue
        reached = end
        firm = make_name(name.field, text, name.start, name.end, "ORG") if name.label != "ORG" else name
        kept.append(firm)
        for start, stop in symbols:
            if any(map(str.isalpha, text[start:stop])):
                kept.append(make_name(name.field, text, start, stop, "ORG"))
            meanings.setdefault(fold(text[start:stop]), firm.tokens)
    return kept, meanings


def find_cashtags(
    texts: Mapping[FieldName, str], names: Sequence[Name], symbols: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """What a ``$ACME`` that is no known symbol stands for: the one firm of the document that is called so, or begins so."""
    firms: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for name in names:
        if name.label == "ORG" and len(name.tokens) > 1:
            firms[name.tokens[0]].add(name.tokens)
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        word = name.tokens[0]
        if (
            texts[name.field][max(0, name.start - 1) : name.start] == "$"
            and len(name.tokens) == 1
            and word not in symbols
        ) and len(firms.get(word, ())) == 1:
            found[word] = next(iter(firms[word]))
    return found


def _read(text: str, at: int) -> tuple[int, list[tuple[int, int]]]:
    """The end of the bracket at ``at`` that says where a firm is listed, and the places of the symbols in it; none of another."""
    suffix = _SUFFIX.match(text, at)
    at = suffix.end() if suffix else at
    bare = _BARE.match(text, at)
    if bare:
        return bare.end(), [bare.span("symbol")]
    bracket = _BRACKET.match(text, at)
    if not bracket:
        return at, []
    found = list(_listings(text, *bracket.span()))
    return bracket.end(), found


def _listings(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for listing in _LISTING.finditer(text, start, end):
        yield listing.span("symbol")
