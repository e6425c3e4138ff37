"""Seeded mutations of small real files: every one ends in a film or a named error.

CONSILIUM_FUZZ_ROUNDS sets the number of files (500 here, 20,000 in `make fuzz`); the seed of each
round is its number, so a failure is reproduced by its number alone.
"""

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.errors import InputError
from models.inputs import sandbox
from models.inputs.film import Request
from models.inputs.wire import WireError, pack_request, unpack
from tests.models.inputs.builders import (
    RAMP,
    dataset_of,
    dicom_bytes,
    image_bytes,
    lut_item,
    to_bytes,
)
from tests.models.inputs.fork_server import ForkServer

ROUNDS = int(os.environ.get("CONSILIUM_FUZZ_ROUNDS", "500"))
LARGEST_SEED = 40_000
HEADER = 1_500  # half of the damage goes here, where it does most
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
REQUEST = Request(frame=0)


@pytest.fixture(scope="module")
def seeds(pydicom_files: dict[str, Path]) -> list[bytes]:
    """Pydicom's small files, and one of each kind and codec made on the fly."""
    found = [
        path.read_bytes() for path in pydicom_files.values() if path.stat().st_size < LARGEST_SEED
    ]
    grey = RAMP.astype(np.uint8)
    colour = Image.fromarray(grey).convert("RGB")
    made = [
        image_bytes(picture, kind) for kind in ("png", "jpeg", "tiff") for picture in (grey, colour)
    ]
    made += [image_bytes(RAMP, "png"), image_bytes(RAMP, "tiff", orientation=6)]
    made.append(image_bytes(Image.fromarray(grey).convert("P"), "png"))
    table = {"VOILUTSequence": [lut_item(0, 12, np.arange(4096))], "PixelPaddingValue": 7}
    made.append(dicom_bytes(extra=table))
    for syntax in ("1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.80"):
        dataset = dataset_of(RAMP, bits_stored=12)
        dataset.compress(syntax, generate_instance_uid=False)
        made.append(to_bytes(dataset))
    made.append(dicom_bytes(syntax="1.2.840.10008.1.2.1.99"))
    return found + made * 4  # as much weight on formats that users have as on odd DICOM


def mutated(seeds: list[bytes], number: int) -> bytes:
    """Damage one seed in one to six places."""
    generator = np.random.default_rng([20261122, number])
    data = bytearray(seeds[generator.integers(len(seeds))])
    for _ in range(generator.integers(1, 7)):
        end = min(len(data), HEADER) if generator.random() < 0.5 else len(data)
        if end < 8:
            break
        place = int(generator.integers(end - 4))
        _damage(data, place, generator, seeds)
    return bytes(data)


def _damage(
    data: bytearray, place: int, generator: np.random.Generator, seeds: list[bytes]
) -> None:
    span = int(generator.integers(1, 64))
    match int(generator.integers(7)):
        case 0:
            del data[place:]
        case 1:
            del data[place : place + span]
        case 2:
            data[place:place] = generator.bytes(span)
        case 3:
            data[place] ^= 1 << int(generator.integers(8))
        case 4:
            data[place] = int(generator.integers(256))
        case 5:
            value = EXTREMES[generator.integers(len(EXTREMES))]
            order = "little" if generator.random() < 0.7 else "big"
            data[place : place + 4] = value.to_bytes(4, order)
        case _:
            other = seeds[generator.integers(len(seeds))]
            start = int(generator.integers(max(1, len(other) - span)))
            data[place : place + span] = other[start : start + span]


def verdict(server: ForkServer, data: bytes) -> str:
    """The class of what the product would have told; anything unforeseen propagates."""
    answer = server.ask(pack_request(REQUEST), data)
    assert not answer.timed_out
    try:
        film = unpack(answer.reply, REQUEST.limits)
    except WireError:
        return f"died: {sandbox._death(answer.code, REQUEST, timed_out=False).message}"
    except InputError as error:
        return type(error).__name__
    assert film.pixels.ndim == 2
    assert film.pixels.size > 0
    assert np.isfinite(film.pixels).all()
    assert 0 <= film.pixels.min() <= film.pixels.max() <= 1
    return "film"


def test_mutated_files_end_in_a_film_or_a_named_error(
    fork_server: ForkServer, seeds: list[bytes]
) -> None:
    verdicts: Counter[str] = Counter()
    for number in range(ROUNDS):
        try:
            verdicts[verdict(fork_server, mutated(seeds, number))] += 1
        except Exception as error:
            raise AssertionError(f"round {number} of the fuzzer failed") from error
    assert sum(verdicts.values()) == ROUNDS
    assert fork_server.process.poll() is None
    assert not [words for words in verdicts if words.startswith("died")], verdicts
    assert verdicts["film"] > ROUNDS // 20  # else the mutations never get past the first check
    assert verdicts["DecodeError"] > ROUNDS // 20


def test_unmutated_seeds_never_kill_the_decoder(
    fork_server: ForkServer, seeds: list[bytes]
) -> None:
    for data in set(seeds):
        assert not verdict(fork_server, data).startswith("died")
