"""Random numbers of a consultation: one seed, and a stream of its own for everything that draws."""

import hashlib

import torch

from models.case import Case


def generator_for(seed: int, stream: str, case: Case) -> torch.Generator:
    """A stream's own CPU generator: adding or reordering methods changes nothing."""
    hasher = hashlib.sha256()
    for part in (str(seed), stream, case.digest):
        encoded = part.encode()
        hasher.update(len(encoded).to_bytes(8, "big") + encoded)
    return torch.Generator().manual_seed(int.from_bytes(hasher.digest()[:8], "big"))
