"""Imports this package and a study's own modules from their source: bytecode counts only where it was compiled from these very bytes.

Python takes a `.pyc` for current by the source's size and whole-second time: a copy that keeps times (rsync, tar, an image), or two edits
within a second, would run old code. Here it names a hash of the source instead. What is installed is left to Python: its version counts.
"""

import hashlib
import importlib.util
import marshal
import os
import sys
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    ExtensionFileLoader,
    FileFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from types import CodeType, ModuleType

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120 -- pathlib costs more than all the rest
_STANDARD = os.path.dirname(os.path.realpath(os.__file__))  # noqa: PTH120
_CHECKED_HASH = (0b11).to_bytes(4, "little")


class SourceLoader(SourceFileLoader):
    """Remembers the digest of the source that it ran."""

    digest: str | None = None

    def get_code(self, fullname: str) -> CodeType | None:
        path = self.get_filename(fullname)
        source = self.get_data(path)
        self.digest = hashlib.sha256(source).hexdigest()
        head = importlib.util.MAGIC_NUMBER + _CHECKED_HASH + importlib.util.source_hash(source)
        cached = importlib.util.cache_from_source(path)
        code = _read_bytecode(cached, head)
        if code is None:
            code = self.source_to_code(source, path)
            if not sys.dont_write_bytecode:
                # A folder that takes nothing costs the bytecode, as in Python.
                self.set_data(cached, head + marshal.dumps(code))
        return code


def install() -> None:
    """From now on; what was imported before stays as it is."""
    sys.path_hooks[:] = [_find, *(hook for hook in sys.path_hooks if getattr(hook, "__qualname__", "") != _find.__qualname__)]
    for place in [place for place in sys.path_importer_cache if is_own(place)]:
        del sys.path_importer_cache[place]


def is_own(place: str) -> bool:
    """Whether a folder or file is this package's or a person's own, not the library's and not installed."""
    path = os.path.realpath(place)
    if path == ROOT or path.startswith(f"{ROOT}{os.sep}fts{os.sep}") or path == f"{ROOT}{os.sep}fts":
        return True
    is_installed = "site-packages" in path or "dist-packages" in path or f"{path}{os.sep}".startswith(f"{_STANDARD}{os.sep}")
    is_of_environment = sys.prefix != sys.base_prefix and f"{path}{os.sep}".startswith(f"{os.path.realpath(sys.prefix)}{os.sep}")
    return not is_installed and not is_of_environment


def ran_old_bytecode(module: ModuleType) -> bool:
    """Of a module that was imported before `install`: whether its bytecode, if it was taken, is of another source. That is removed."""
    spec = module.__spec__
    if spec is None or isinstance(spec.loader, SourceLoader) or not spec.cached or not spec.origin or not os.path.exists(spec.cached):  # noqa: PTH110
        return False
    with open(spec.origin, "rb") as file:  # noqa: PTH123
        source = file.read()
    with open(spec.cached, "rb") as file:  # noqa: PTH123
        content = file.read()
    try:
        if marshal.loads(content[16:]) == compile(source, spec.origin, "exec", dont_inherit=True):
            return False
    except (EOFError, ValueError, TypeError, SyntaxError):
        pass
    os.unlink(spec.cached)  # noqa: PTH108
    return True


def _find(place: str) -> FileFinder:
    if not os.path.isdir(place) or not is_own(place):  # noqa: PTH112
        raise ImportError("not a folder of sources of one's own", path=place)
    return FileFinder(
        place, (ExtensionFileLoader, EXTENSION_SUFFIXES), (SourceLoader, SOURCE_SUFFIXES), (SourcelessFileLoader, BYTECODE_SUFFIXES)
    )


def _read_bytecode(path: str, head: bytes) -> CodeType | None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read()
        code = marshal.loads(content[len(head) :]) if content.startswith(head) else None
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None
