"""Whatever the decoding process does, its parent gets a film or one sentence."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from models.errors import DecodeError, InputError
from models.inputs import sandbox
from models.inputs.film import Request
from models.inputs.image import decode_image
from models.inputs.limits import Limits
from tests.models.inputs.builders import dicom_bytes, image_bytes

PNG = image_bytes(np.arange(256, dtype=np.uint8).reshape(16, 16), "png")


def child_running(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(sandbox, "_COMMAND", (sys.executable, "-c", code))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "decoder crash"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "processor time"),
        ("raise SystemExit(3)", "decoder crash"),
        ("print('no answer')", "decoder crash"),
        ("print('{}')", "decoder crash"),
        ("print('[1]')", "decoder crash"),
        ("""print('{"shape": [9, 9]}')""", "decoder crash"),
        ("""print('{"error": "SystemExit", "message": "", "hint": ""}')""", "decoder crash"),
    ],
)
def test_child_without_a_proper_answer(
    monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    child_running(monkeypatch, code)
    with pytest.raises(DecodeError, match=words):
        decode_image(PNG, name="film.png")


def test_child_that_hangs_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    child_running(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(DecodeError, match=r"longer than 0\.5 s"):
        decode_image(PNG, name="film.png", limits=Limits(wall_seconds=0.5))


def test_child_that_floods_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    child_running(monkeypatch, "while True: print('x' * 1000000)")
    with pytest.raises(DecodeError, match="decoder crash"):
        decode_image(PNG, name="film.png", limits=Limits(max_pixels=1000))


def test_child_that_does_not_read_is_no_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    child_running(monkeypatch, "raise SystemExit")
    with pytest.raises(DecodeError, match="decoder crash"):
        decode_image(PNG + bytes(10_000_000), name="film.png")


def test_cpu_limit_ends_a_busy_child() -> None:
    busy = dicom_bytes(np.zeros((2, 2), np.uint16))
    code = (
        "from models.inputs import worker; from models.inputs.limits import Limits;"
        "worker.restrict(Limits(cpu_seconds=1))\nwhile True: pass"
    )
    request = Request(limits=Limits(cpu_seconds=1))
    with pytest.MonkeyPatch.context() as patch:
        child_running(patch, code)
        with pytest.raises(DecodeError, match="over 1 s of processor time"):
            sandbox.run(busy, request)


def test_worker_cannot_write_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = tmp_path / "leak"
    code = (
        "from models.inputs import worker; from models.inputs.limits import LIMITS;"
        f"worker.restrict(LIMITS); open({str(target)!r}, 'wb').write(b'x' * 100)"
    )
    child_running(monkeypatch, code)
    with pytest.raises(DecodeError):
        decode_image(PNG, name="film.png")
    assert not target.exists() or target.stat().st_size == 0


def test_secrets_of_the_environment_stay_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSILIUM_SECRET", "hunter2")
    assert "hunter2" not in sandbox._environment().values()
    assert "HOME" not in sandbox._environment()


def test_parent_and_worker_import_no_torch_and_no_decoder() -> None:
    code = (
        "import sys; import models.inputs.{module};"
        "print(*[name for name in ('torch', 'streamlit', 'pydicom', 'PIL') if name in sys.modules])"
    )
    for module in ("image", "worker"):
        command = (sys.executable, "-c", code.format(module=module))
        loaded = subprocess.run(
            command, capture_output=True, text=True, check=True, env=sandbox._environment()
        )
        assert loaded.stdout.split() == []


def test_threads_decode_at_the_same_time() -> None:
    films, expected = [], decode_image(PNG, name="a.png").digest

    def one() -> None:
        films.append(decode_image(PNG, name="b.png").digest)

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert films == [expected] * 6


def test_a_full_queue_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_SLOTS", threading.BoundedSemaphore(1))
    with sandbox._SLOTS, pytest.raises(InputError, match="Too many files"):
        decode_image(PNG, name="a.png", limits=Limits(slot_seconds=0.01))


def test_slots_are_given_back_after_failures() -> None:
    for _ in range(4):
        with pytest.raises(DecodeError):
            decode_image(PNG[:45], name="a.png")
    assert decode_image(PNG, name="a.png").payload.pixels.shape == (16, 16)


def test_name_is_kept_and_a_wrong_extension_is_told() -> None:
    case = decode_image(PNG, name="film.dcm")
    assert case.name == "film.dcm"
    assert case.remarks == ("The file is named like a DICOM but is a PNG.",)
    assert case.digest == decode_image(PNG, name="other.png").digest
