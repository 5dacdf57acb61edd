"""Edits Python files at random and says by CPython's own parser what each edit changed. Knows nothing of our tokens.

Prints one JSON object a file: its path, its imports, and its versions, each with the kind of edit and the hash of its tree
without docstrings (null where it is no Python). The first version is the file as it is.
"""

import ast
import functools
import hashlib
import io
import json
import keyword
import random
import re
import sys
import sysconfig
import tokenize
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

Edit = Callable[[str, random.Random], str]
LAYOUT = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT, tokenize.ENDMARKER}


def tree_hash(source: str) -> str | None:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and docstring(node):
            del node.body[0]
    return hashlib.sha256(ast.dump(tree).encode("utf-8", "surrogatepass")).hexdigest()


def docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> ast.expr | None:
    """The docstring's expression."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value
    return None


@functools.lru_cache(maxsize=2)
def tokens_of(source: str) -> tuple[tokenize.TokenInfo, ...]:
    return tuple(tokenize.generate_tokens(io.StringIO(source).readline))


class Text:
    """A source with offsets for the tokenizer's rows and columns."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.starts = [0]
        for line in io.StringIO(source):
            self.starts.append(self.starts[-1] + len(line))

    def at(self, place: tuple[int, int]) -> int:
        return self.starts[place[0] - 1] + place[1]


def apply(source: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text + source[end:]
    return source


def some(items: list[tuple[int, int, str]], rng: random.Random) -> list[tuple[int, int, str]]:
    return [item for item in items if rng.random() < 0.3]


def gaps(source: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, bracket depth) of what lies between two tokens of one logical line."""
    text, depth, last = Text(source), 0, None
    for token in tokens_of(source):
        if token.type in LAYOUT:
            last = None
            continue
        if last is not None:
            yield text.at(last.end), text.at(token.start), depth
        depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        last = token


def line_starts(source: str) -> list[tuple[int, int]]:
    """(offset of the line, offset of its first token) of every logical line."""
    text, found, is_first = Text(source), [], True
    for token in tokens_of(source):
        if token.type == tokenize.NEWLINE:
            is_first = True
        elif is_first and token.type not in LAYOUT:
            found.append((text.at((token.start[0], 0)), text.at(token.start)))
            is_first = False
    return found


def add_comments(source: str, rng: random.Random) -> str:
    text = Text(source)
    ends = [text.at(token.start) for token in tokens_of(source) if token.type in (tokenize.NEWLINE, tokenize.NL)]
    ends = [end for end in ends if source[end : end + 1] == "\n"]
    return apply(source, some([(end, end, "  # it's \"new\" ''' \\") for end in ends], rng))


def remove_comments(source: str, rng: random.Random) -> str:
    text = Text(source)
    lines = source.split("\n", 2)
    comments = [token for token in tokens_of(source) if token.type == tokenize.COMMENT]
    counts = [token for token in comments if token.start[0] > 2 or "coding" not in lines[token.start[0] - 1]]
    return apply(source, [(text.at(token.start), text.at(token.end), "") for token in counts])


def add_blank_lines(source: str, rng: random.Random) -> str:
    choices = ["\n", "# comment\n", "\t \n\n", "            # far in\n", "#\n"]
    return apply(source, some([(start, start, rng.choice(choices)) for start, _ in line_starts(source) if start > 200], rng))


def widen_spaces(source: str, rng: random.Random) -> str:
    widened = [(start, end, rng.choice(["  ", "\t", " \f "])) for start, end, _ in gaps(source) if source[start:end] == " "]
    return apply(source, some(widened, rng))


def break_in_brackets(source: str, rng: random.Random) -> str:
    choices = ["\n", "\n\n      ", " # here\n"]
    return apply(source, some([(s, e, rng.choice(choices)) for s, e, depth in gaps(source) if depth and source[s:e].isspace()], rng))


def join_by_backslash(source: str, rng: random.Random) -> str:
    return apply(source, some([(s, e, " \\\n   ") for s, e, _ in gaps(source) if source[s:e] == " "], rng))


def indent_twice(source: str, rng: random.Random) -> str:
    return apply(source, [(start, token, source[start:token] * 2) for start, token in line_starts(source)])


def other_docstrings(source: str, rng: random.Random) -> str:
    starts = [0]
    for line in source.encode().split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    raw, edits = source.encode(), []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        found = docstring(node)
        if found is None or rng.random() < 0.3:
            continue
        start = starts[found.lineno - 1] + found.col_offset
        end = starts[(found.end_lineno or 0) - 1] + (found.end_col_offset or 0)
        edits.append((start, end, rng.choice(['"""Other."""', "r'\\d'", "'two' u\"parts\"", '"""\nlines\n"""'])))
    for start, end, text in sorted(edits, reverse=True):
        raw = raw[:start] + text.encode() + raw[end:]
    return raw.decode()


def windows_line_ends(source: str, rng: random.Random) -> str:
    return source.replace("\n", "\r\n")


def plain_strings(source: str) -> Iterator[tuple[int, int, str, str, str]]:
    """(start, end, prefix, quotes, content) of the strings that are one token."""
    text = Text(source)
    for token in tokens_of(source):
        found = re.fullmatch(r"([A-Za-z]*)(\"\"\"|'''|\"|')(.*)\2", token.string, re.DOTALL) if token.type == tokenize.STRING else None
        if found:
            yield text.at(token.start), text.at(token.end), *found.groups()


def escape_bare(content: str, quote: str) -> str:
    return re.sub(r"\\.|" + quote, lambda found: "\\" + quote if found[0] == quote else found[0], content, flags=re.DOTALL)


def other_quotes(source: str, rng: random.Random) -> str:
    edits = []
    for start, end, prefix, quotes, content in plain_strings(source):
        if quotes in ("'", '"') and "u" not in prefix.lower():
            other = "'" if quotes == '"' else '"'
            inner = content if "r" in prefix.lower() else escape_bare(content, other)
            edits.append((start, end, rng.choice([prefix, prefix.upper()]) + other + inner + other))
    return apply(source, some(edits, rng))


def trailing_commas(source: str, rng: random.Random) -> str:
    """Behind the last argument of calls, and the last item of braces; a file where that is wrong is no case."""
    text, opened, edits, last = Text(source), [], [], None
    for token in tokens_of(source):
        if token.type in LAYOUT:
            continue
        if token.string in ("(", "[", "{"):
            is_call = token.string == "(" and last is not None and last.type == tokenize.NAME and not keyword.iskeyword(last.string)
            opened.append((token.string == "{" or (is_call and last.string not in ("match", "case")), token))
        elif token.string in (")", "]", "}") and opened:
            is_sure, opening = opened.pop()
            if is_sure and last is not opening and last is not None and last.string not in (",", "*", "**"):
                edits.append((text.at(last.end), text.at(last.end), ","))
        last = token
    # Each candidate costs a parse, so a long file's are not all asked.
    original, tried = tree_hash(source), rng.sample(edits, min(8, len(edits)))
    return apply(source, [edit for edit in tried if tree_hash(apply(source, [edit])) == original])


HARMLESS: list[Edit] = [
    other_quotes,
    trailing_commas,
    add_comments,
    remove_comments,
    add_blank_lines,
    widen_spaces,
    break_in_brackets,
    join_by_backslash,
    indent_twice,
    other_docstrings,
    windows_line_ends,
]


def change_token(source: str, rng: random.Random) -> str:
    text = Text(source)
    token = rng.choice([token for token in tokens_of(source) if token.string.strip()])
    others = {tokenize.NUMBER: token.string + "1", tokenize.STRING: token.string[:-1] + " " + token.string[-1]}
    other = others.get(token.type, rng.choice(["", "-", "+", "x", ",", "not", "0", "()", ";", ":", "''", "pass", "lambda: 0"]))
    return apply(source, [(text.at(token.start), text.at(token.end), other)])


def swap_tokens(source: str, rng: random.Random) -> str:
    text = Text(source)
    tokens = [token for token in tokens_of(source) if token.string.strip()]
    at = rng.randrange(len(tokens) - 1)
    one, two = tokens[at], tokens[at + 1]
    edits = [(text.at(one.start), text.at(one.end), two.string), (text.at(two.start), text.at(two.end), one.string)]
    return apply(source, edits)


def change_indentation(source: str, rng: random.Random) -> str:
    start, _ = rng.choice(line_starts(source))
    deeper = rng.choice(["", "    ", " ", "\t"])
    return source[:start] + (deeper + source[start:] if deeper else source[start:].lstrip(" "))


def delete_character(source: str, rng: random.Random) -> str:
    at = rng.randrange(len(source))
    return source[:at] + source[at + 1 :]


def insert_character(source: str, rng: random.Random) -> str:
    at = rng.randrange(len(source))
    return source[:at] + rng.choice(" \n\t#\\'\"()[]{},.:;=-+*1aejxfrb_") + source[at:]


def delete_line(source: str, rng: random.Random) -> str:
    lines = source.splitlines(keepends=True)
    del lines[rng.randrange(len(lines))]
    return "".join(lines)


def change_comma(source: str, rng: random.Random) -> str:
    """Adds a comma before a closing bracket, or removes one."""
    text = Text(source)
    tokens = [token for token in tokens_of(source) if token.string.strip() and token.type not in LAYOUT]
    at = rng.choice([at for at, token in enumerate(tokens) if token.string in (")", "]", "}")])
    last = tokens[at - 1]
    if last.string == ",":
        return apply(source, [(text.at(last.start), text.at(last.end), "")])
    return apply(source, [(text.at(last.end), text.at(last.end), ",")])


def change_string(source: str, rng: random.Random) -> str:
    start, end, prefix, _, content = rng.choice(list(plain_strings(source)))
    other = rng.choice(["'", '"', '"""'])
    inner = rng.choice([content, content.replace("\\", "\\\\"), "\\" + content, content.replace("'", "\\'"), content.replace("\\", "")])
    return apply(source, [(start, end, rng.choice([prefix, "r", "b", "R", "f", "u", "U", "rb", ""]) + other + inner + other)])


RISKY: list[Edit] = [
    change_comma,
    change_string,
    change_token,
    swap_tokens,
    change_indentation,
    delete_character,
    insert_character,
    delete_line,
]


def versions(source: str, harmless: int, risky: int, rng: random.Random) -> Iterator[dict[str, str | None]]:
    original = tree_hash(source)
    yield {"edit": "none", "kind": "harmless", "source": source, "tree": original}
    for edit in rng.sample(HARMLESS, harmless):
        # A tree that did change means that the edit itself went wrong (odd line ends, form feeds): no case.
        edited = attempt(edit, source, rng)
        if tree_hash(edited) == original:
            yield {"edit": edit.__name__, "kind": "harmless", "source": edited, "tree": original}
    for _ in range(risky):
        edit = rng.choice(RISKY)
        edited = attempt(edit, source, rng)
        yield {"edit": edit.__name__, "kind": "risky", "source": edited, "tree": tree_hash(edited)}


def attempt(edit: Edit, source: str, rng: random.Random) -> str:
    try:
        return edit(source, rng)
    except (IndexError, ValueError):
        # A file without a single statement offers no place.
        return source


def imports(source: str) -> list[list[object]]:
    found: list[list[object]] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [[0, alias.name, []] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append([node.level, node.module or "", [alias.name for alias in node.names]])
    return found


def sources(limit: int) -> Iterator[tuple[str, str]]:
    root = Path(sysconfig.get_paths()["stdlib"])
    paths = sorted(path for path in root.rglob("*.py") if "site-packages" not in path.parts)
    small = [path for path in paths if 500 < path.stat().st_size < 5_000]
    chosen = small[:: max(1, len(small) // limit)][:limit] if limit else paths
    for path in chosen:
        try:
            with path.open("rb") as file:
                encoding, _ = tokenize.detect_encoding(file.readline)
            if encoding not in ("utf-8", "utf-8-sig"):
                # Such a file counts by its bytes, on purpose.
                continue
            source = path.read_bytes().decode().replace("\r\n", "\n")
            ast.parse(source)
            tokens_of(source)
        except (SyntaxError, ValueError, OSError, tokenize.TokenError):
            continue
        if source.strip():
            yield path.relative_to(root).as_posix(), source


def main() -> None:
    warnings.simplefilter("ignore")
    limit, harmless, risky, seed = map(int, sys.argv[1:])
    for path, source in sources(limit):
        rng = random.Random(f"{seed} {path}")
        cases = list(versions(source, harmless, risky, rng))
        print(json.dumps({"path": path, "imports": imports(source), "versions": cases}))


if __name__ == "__main__":
    main()
