"""Recognises files that are not what their name says, by their first bytes and lines: one sentence with the way out. Reads no values."""

import re
from pathlib import PurePath

LONGEST_LOOK = 1 << 16

_SAVE_AS_UTF8 = 'save it as "CSV UTF-8"'
_QUOTED_COMMA = re.compile(r'"\s*-?[\d.]*\d,\d[\d,.]*\s*"')


def explain_foreign(content: bytes, shown: str) -> str | None:
    """What a file is instead of prices, and what to do; None where nothing speaks against it. `shown` is its name in messages."""
    suffix = PurePath(shown).suffix.lower()
    found = _explain_bytes(content, suffix) or (_explain_text(content) if suffix == ".csv" else None)
    return None if found is None else f"{shown} {found}"


def _explain_bytes(content: bytes, suffix: str) -> str | None:
    start = content[:LONGEST_LOOK].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return "is empty; put the file there again"
    if start.startswith(b"version https://git-lfs.github.com/spec/"):
        return "is a Git LFS pointer, not the file itself; fetch the file with `git lfs pull`"
    if re.match(rb"<(!doctype|html|head|body|\?xml)", start, re.IGNORECASE):
        return "is a web page (HTML), not prices: a download that failed, or that wants a login; download it again"
    if suffix != ".csv":
        return None
    if start.startswith(b"PAR1"):
        return "is a Parquet file by its content; name it .parquet"
    if start.startswith(b"PK\x03\x04"):
        return f"is a ZIP archive or an Excel workbook by its content, not CSV; unpack it, or {_SAVE_AS_UTF8}"
    if start.startswith(b"\x1f\x8b"):
        return "is compressed (gzip); unpack it with `gunzip`"
    return None


def _explain_text(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or content[1:200:2].count(0) > 50 or content[:200:2].count(0) > 50:
        return f'is UTF-16 (Excel\'s "Unicode text"), not UTF-8; {_SAVE_AS_UTF8}'
    if b"\0" in content:
        return f"holds NUL bytes, which no CSV has (line {content[: content.index(0)].count(10) + 1}); put the file there again"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return f"is not UTF-8 (byte 0x{content[error.start]:02x} in line {line}), but Latin-1 or the like; {_SAVE_AS_UTF8}"
    lines = content[:LONGEST_LOOK].decode("utf-8", "ignore").removeprefix("\ufeff").splitlines()
    return _explain_lines(lines)


def _explain_lines(lines: list[str]) -> str | None:
    header, *rest = lines
    cells = [line.split(",")[0].strip().strip('"').lower() for line in lines[:3]]
    if cells[0] in ("", "price", "ticker") and any(cell in ("ticker", "price", "date") for cell in cells[1:]):
        return "has yfinance's three header rows; download with `multi_level_index=False`, so that it has the one row Date,Open,High,..."
    if header.lower().startswith("sep=") or ("," not in header and ";" in header):
        return (
            "is separated by semicolons, as spreadsheets write where the comma is the decimal sign; save it with commas and decimal points"
        )
    if "," not in header and "\t" in header:
        return f"is separated by tabs; {_SAVE_AS_UTF8}, with commas"
    if any(_QUOTED_COMMA.search(line) for line in rest[:5]):
        return 'has commas inside of numbers ("1,5"); save it with decimal points, and without separators of thousands'
    return None
