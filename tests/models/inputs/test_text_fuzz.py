"""Seeded mutations of small text files: every one ends in a text or a named error.

CONSILIUM_FUZZ_ROUNDS sets the number of files (200 here); the seed of each round is its number.
"""

import io
import os
import zipfile
from collections import Counter

import pytest

from models.errors import InputError
from models.inputs import sandbox
from models.inputs.text import decode_text
from models.inputs.text_document import DocumentLimits, DocumentRequest
from models.inputs.wire import WireError, pack_request, unpack_document
from tests.models.inputs.fork_server import ForkServer
from tests.models.inputs.test_fuzz import mutated
from tests.models.inputs.text_builders import (
    REPORT,
    docx_bytes,
    encrypted_pdf,
    pdf_bytes,
    repacked,
)

ROUNDS = int(os.environ.get("CONSILIUM_FUZZ_ROUNDS", "200"))
# A mutated PDF may keep its reader busy; a busy machine must not let the wall clock come first.
REQUEST = DocumentRequest(limits=DocumentLimits(cpu_seconds=5, wall_seconds=120))


@pytest.fixture(scope="module")
def seeds() -> list[bytes]:
    return [
        docx_bytes(REPORT, "Second paragraph."),
        stored(docx_bytes(REPORT)),
        pdf_bytes([REPORT, "Second page."]),
        pdf_bytes([REPORT], compress=True),
        encrypted_pdf(""),
    ]


def stored(data: bytes) -> bytes:
    """A .docx without compression, so that mutations reach its XML (its checksums are kept)."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as new,
    ):
        for part in old.infolist():
            new.writestr(part.filename, old.read(part))
    return buffer.getvalue()


def verdict(server: ForkServer, data: bytes) -> str:
    """The class of what the product would have told; anything unforeseen propagates."""
    answer = server.ask(pack_request(REQUEST), data)
    assert not answer.timed_out
    try:
        document = unpack_document(answer.reply)
    except WireError:
        words = sandbox._death(answer.code, REQUEST, timed_out=False).message
        return "slow" if "processor time" in words else f"died: code {answer.code}"
    except InputError as error:
        return type(error).__name__
    assert document.text.strip()
    return "text"


def test_mutated_files_end_in_a_text_or_a_named_error(
    fork_server: ForkServer, seeds: list[bytes]
) -> None:
    verdicts: Counter[str] = Counter()
    for number in range(ROUNDS):
        try:
            verdicts[verdict(fork_server, mutated(seeds, number))] += 1
        except Exception as error:
            raise AssertionError(f"round {number} of the fuzzer failed") from error
    assert fork_server.process.poll() is None
    assert not [words for words in verdicts if words.startswith("died")], verdicts
    assert verdicts["text"] > ROUNDS // 12  # else the mutations never get past the first check
    assert verdicts["DecodeError"] > ROUNDS // 8


def test_mutated_xml_ends_in_a_text_or_a_named_error(fork_server: ForkServer) -> None:
    """Mutations behind the checksums of the archive."""
    whole, verdicts = docx_bytes(REPORT, "Second paragraph."), Counter[str]()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        xml = archive.read("word/document.xml")
    for number in range(ROUNDS // 3):
        changed = mutated([xml], number)
        data = repacked(whole, lambda n, d, c=changed: c if n == "word/document.xml" else d)
        verdicts[verdict(fork_server, data)] += 1
    assert not [words for words in verdicts if words.startswith("died")], verdicts
    assert verdicts["text"] > ROUNDS // 36


def test_mutated_plain_text_is_read_or_refused() -> None:
    seeds = [REPORT.encode("utf-8-sig"), REPORT.encode("utf-16"), "Erguß – nein".encode("cp1252")]
    refused = 0
    for number in range(ROUNDS):
        data = mutated(seeds, number).replace(b"PK\x03\x04", b"").replace(b"%PDF-", b"")
        try:
            decode_text(data, name="fuzzed.txt")
        except InputError:
            refused += 1
    assert 0 < refused < ROUNDS
