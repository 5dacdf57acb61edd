"""Writes bytes so that nobody finds a part of them. Knows nothing of what they say."""

import os


def write_all(descriptor: int, data: bytes) -> None:
    """One call, as a rule; a signal, a full pipe or a disk that is nearly full may cut it short."""
    while data:
        data = data[os.write(descriptor, data) :]
