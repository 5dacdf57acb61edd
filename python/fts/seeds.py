"""Seeds for one purpose each, derived from the one seed of a record."""

import numpy as np


def mix(seed: int, purpose: str, *numbers: int) -> int:
    """32 bits: equal arguments, equal seed; neighbouring ones share nothing (numpy's SeedSequence spreads them)."""
    words = [seed, int.from_bytes(purpose.encode(), "little"), *numbers]
    return int(np.random.SeedSequence(words).generate_state(1)[0])
