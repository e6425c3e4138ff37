"""Seeded mutations of small real files: every one ends in a film or a named error.

CONSILIUM_FUZZ_ROUNDS sets the number of files (500 here, 20,000 in `make fuzz`); the seed of each
round is its number, so a failure is reproduced by its number alone.
"""

import io
import os
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from models.errors import InputError
from models.inputs import sandbox
from models.inputs.film import Request
from models.inputs.limits import Limits
from models.inputs.wire import WireError, pack_request, unpack
from tests.models.inputs.builders import (
    CR,
    RAMP,
    dataset_of,
    dicom_bytes,
    encapsulated,
    image_bytes,
    lut_item,
    to_bytes,
)
from tests.models.inputs.fork_server import ForkServer

ROUNDS = int(os.environ.get("CONSILIUM_FUZZ_ROUNDS", "500"))
LARGEST_SEED = 40_000
HEADER = 1_500  # much of the damage goes here, where it does most
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
# CharLS needs 5 s of processor time to give up on a certain stream of 1.3 kB: the limit on that
# time is meant to end such files, and a busy machine must not let the wall clock come first.
REQUEST = Request(frame=0, limits=Limits(wall_seconds=120))


@pytest.fixture(scope="module")
def seeds(pydicom_files: dict[str, Path]) -> list[bytes]:
    """Pydicom's small files, its pictures declared radiographs, and one of each kind made here."""
    found = [
        path.read_bytes() for path in pydicom_files.values() if path.stat().st_size < LARGEST_SEED
    ]
    films = [film for data in found if (film := as_radiograph(data))]
    return found + films * 4 + made() * 8  # most weight where codecs and pixels are reached


def as_radiograph(data: bytes) -> bytes | None:
    """A DICOM picture of any kind under the name of a CR, so that its pixels are decoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = dcmread(io.BytesIO(data))
            dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CR
            return to_bytes(dataset) if "PixelData" in dataset else None
        except Exception:  # noqa: BLE001 - many of pydicom's files are broken on purpose
            return None


def made() -> list[bytes]:
    """One small file of each format and codec."""
    grey = RAMP.astype(np.uint8)
    pictures = (grey, Image.fromarray(grey).convert("RGB"))
    files = [image_bytes(picture, kind) for kind in ("png", "jpeg", "tiff") for picture in pictures]
    files += [image_bytes(RAMP, "png"), image_bytes(RAMP, "tiff", orientation=6)]
    files.append(image_bytes(Image.fromarray(grey).convert("P"), "png"))
    table = {"VOILUTSequence": [lut_item(0, 12, np.arange(4096))], "PixelPaddingValue": 7}
    files.append(dicom_bytes(extra=table))
    for syntax in (RLELossless, JPEG2000Lossless, JPEGLSLossless):
        dataset = dataset_of(RAMP, bits_stored=12)
        dataset.compress(syntax, generate_instance_uid=False)
        files.append(to_bytes(dataset))
    jpeg = image_bytes(grey, "jpeg")
    files.append(encapsulated(jpeg, JPEGBaseline8Bit, rows=64, columns=64))
    files.append(dicom_bytes(syntax=DeflatedExplicitVRLittleEndian))
    return files


def mutated(seeds: list[bytes], number: int) -> bytes:
    """Damage one seed in one to four places."""
    generator = np.random.default_rng([20261122, number])
    data = bytearray(seeds[generator.integers(len(seeds))])
    for _ in range(generator.integers(1, 5)):
        end = min(len(data), HEADER) if generator.random() < 0.4 else len(data)
        if end < 8:
            break
        place = int(generator.integers(end - 4))
        _damage(data, place, generator, seeds)
    return bytes(data)


def _damage(
    data: bytearray, place: int, generator: np.random.Generator, seeds: list[bytes]
) -> None:
    span = int(generator.integers(1, 64))
    match int(generator.integers(16)):
        case 0:
            del data[place:]
        case 1:
            del data[place : place + span]
        case 2:
            data[place:place] = generator.bytes(span)
        case 3 | 4 | 5 | 6:
            data[place] ^= 1 << int(generator.integers(8))
        case 7 | 8 | 9:
            data[place] = int(generator.integers(256))
        case 10 | 11 | 12:
            value = EXTREMES[generator.integers(len(EXTREMES))]
            order = "little" if generator.random() < 0.7 else "big"
            data[place : place + 4] = value.to_bytes(4, order)
        case _:
            other = seeds[generator.integers(len(seeds))]
            start = int(generator.integers(max(1, len(other) - span)))
            data[place : place + span] = other[start : start + span]


def verdict(server: ForkServer, data: bytes) -> str:
    """The class of what the product would have told; anything unforeseen propagates.

    A child that its own processor-time limit ended is "slow"; one that ended otherwise "died".
    """
    answer = server.ask(pack_request(REQUEST), data)
    assert not answer.timed_out
    try:
        film = unpack(answer.reply, REQUEST.limits)
    except WireError:
        words = sandbox._death(answer.code, REQUEST, timed_out=False).message
        return "slow" if "processor time" in words else f"died: code {answer.code}"
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
    assert verdicts["film"] > ROUNDS // 12  # else the mutations never get past the first check
    assert verdicts["DecodeError"] > ROUNDS // 8


def test_unmutated_seeds_never_kill_the_decoder(
    fork_server: ForkServer, seeds: list[bytes]
) -> None:
    for data in set(seeds):
        assert not verdict(fork_server, data).startswith("died")
