"""Names, ids and dates never leave the decoding process: not in results, errors, logs or output."""

import logging

import numpy as np
import pytest
from pydicom import Dataset, Sequence
from pydicom.datadict import dictionary_VR, keyword_dict

from models.errors import InputError
from models.inputs import worker
from models.inputs.film import Request
from models.inputs.image import decode_image
from models.inputs.limits import LIMITS
from models.inputs.wire import pack_request
from tests.models.inputs.builders import RAMP, dataset_of, to_bytes
from tests.models.inputs.fork_server import ForkServer

CANARY = "ZQXCANARY"
TEXT = {"PN", "LO", "SH", "LT", "ST", "UT", "CS", "AE"}
DATES = {"DA": "19430607", "DT": "19430607", "TM": "194306", "AS": "083Y", "UI": "1.2.1943.0607"}
DATE_MARKS = ("194306", "1943.0607", "083Y")
FUNCTIONAL = {  # changing these would change what the file is
    "SOPClassUID",
    "PhotometricInterpretation",
    "PresentationLUTShape",
    "VOILUTFunction",
    "TransferSyntaxUID",
    "SpecificCharacterSet",
}
IMAGE_GROUPS = {0x0000, 0x0002, 0x0004, 0x7FE0}


def tagged_file(*, broken: bool = False) -> bytes:
    """A film with a canary in every text, date and identifier of the DICOM dictionary."""
    dataset = dataset_of(RAMP, bits_stored=12)
    for keyword, tag in keyword_dict.items():
        kind = dictionary_VR(tag)
        if keyword in FUNCTIONAL or keyword in dataset or tag >> 16 in IMAGE_GROUPS:
            continue
        if kind in TEXT:
            dataset.add_new(tag, kind, CANARY)
        elif kind in DATES:
            dataset.add_new(tag, kind, DATES[kind])
    inner = Dataset()
    inner.PatientName = CANARY
    inner.LUTExplanation = CANARY
    dataset.OtherPatientIDsSequence = Sequence([inner])
    dataset.add_new(0x00091001, "LO", CANARY)
    if broken:
        dataset.PixelData = dataset.PixelData[:10]
    return b"ZQXCANARY" + to_bytes(dataset)[9:]  # the preamble too


def leaks(text: str) -> bool:
    return CANARY in text or any(mark in text for mark in DATE_MARKS)


@pytest.mark.filterwarnings("ignore")  # pydicom warns about the values this test makes up
def test_no_canary_reaches_the_case(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    data = tagged_file()
    assert data.count(CANARY.encode()) > 1000
    caplog.clear()
    capfd.readouterr()
    case = decode_image(data, name="upload.dcm")
    payload = case.payload
    shown = (case.name, case.remarks, payload.header, payload.window_choices, payload.spacing_mm)
    assert not leaks(repr(shown))
    assert not leaks(caplog.text)
    assert not leaks("".join(capfd.readouterr()))


@pytest.mark.filterwarnings("ignore")
def test_no_canary_reaches_an_error(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    data = tagged_file(broken=True)
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    with pytest.raises(InputError) as caught:
        decode_image(data, name=f"{CANARY}.dcm")
    told = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert not leaks(repr(told) + str(caught.value))
    assert not leaks(caplog.text)
    assert not leaks("".join(capfd.readouterr()))


@pytest.mark.filterwarnings("ignore")
def test_no_canary_crosses_the_pipe(fork_server: ForkServer) -> None:
    answer = fork_server.ask(pack_request(Request()), tagged_file())
    header = answer.reply[: answer.reply.index(b"\n")].decode()
    assert '"shape": [64, 64]' in header
    assert not leaks(header)


@pytest.mark.filterwarnings("ignore")
def test_damage_anywhere_in_the_header_leaks_nothing(fork_server: ForkServer) -> None:
    data = bytearray(tagged_file())
    generator = np.random.default_rng(7)
    for _ in range(60):
        soiled = bytearray(data)
        for position in generator.integers(132, len(data) - 9000, 4):
            soiled[position] = generator.integers(256)
        reply = fork_server.ask(pack_request(Request()), bytes(soiled)).reply
        assert not leaks(reply[: reply.index(b"\n")].decode())


def test_messages_of_decoders_are_never_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    def quoting(data: bytes, request: Request) -> None:
        raise ValueError(f"Invalid value for VR DA: '{CANARY}'", data, request)

    monkeypatch.setattr(worker, "decode", quoting)
    (reply,) = worker.answer(to_bytes(dataset_of(RAMP)), Request(limits=LIMITS))
    assert not leaks(reply.decode())
    assert b"ValueError" in reply


def test_the_name_never_reaches_the_decoder() -> None:
    assert b"name" not in pack_request(Request())
