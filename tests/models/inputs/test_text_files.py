"""Word and PDF files, whole and hostile, through the decoding process."""

import io
import sys
import zipfile
from pathlib import Path

import pytest

from models.errors import DecodeError, InputError, TooLargeError
from models.inputs import sandbox, worker
from models.inputs.text import decode_text
from models.inputs.text_document import DocumentLimits, DocumentRequest
from tests.models.inputs.text_builders import (
    REPORT,
    docx_bytes,
    encrypted_pdf,
    pdf_bytes,
    repacked,
    zip_bytes,
)

DOCUMENT = "word/document.xml"


def read(data: bytes, limits: DocumentLimits | None = None) -> str:
    """As the decoding process reads it, in this one."""
    return worker.read_document(data, DocumentRequest(limits=limits or DocumentLimits())).text


def answered(data: bytes) -> InputError:
    """The error that the decoding process would send."""
    with pytest.raises(InputError) as caught:
        sandbox.unpack_document(b"".join(worker.answer(data, DocumentRequest())))
    return caught.value


def test_a_word_document_through_the_whole_way() -> None:
    case = decode_text(docx_bytes("FINDINGS", "No effusion: “clear”."), name="r.docx")
    assert case.document.text == "FINDINGS\nNo effusion: “clear”."
    assert case.remarks == ()


def test_a_pdf_through_the_whole_way() -> None:
    case = decode_text(pdf_bytes([REPORT, "", "Second page."]), name="r.pdf", start_word=1)
    assert case.document.text == f"{REPORT}\n\nSecond page."
    assert case.document.start_word == 1
    assert case.remarks == ("Page 2 of the PDF had no text layer and were left out.",)


def test_tables_and_insertions_are_read_and_deletions_are_not() -> None:
    xml = (
        "<w:p><w:r><w:t>No</w:t><w:tab/><w:t>a</w:t></w:r><w:ins><w:r><w:t>b</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:br/><w:t>c</w:t></w:r></w:p>"
    )
    assert read(docx_bytes("Before", body_xml=xml)) == "Before\nNo\tab\nc"


def test_a_text_box_is_read_once() -> None:
    xml = (
        '<w:p><w:r xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        "<mc:AlternateContent><mc:Choice><w:p><w:r><w:t>boxed</w:t></w:r></w:p></mc:Choice>"
        "<mc:Fallback><w:p><w:r><w:t>boxed</w:t></w:r></w:p></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    assert read(docx_bytes("Before", body_xml=xml)).split() == ["Before", "boxed"]


def test_a_page_too_many_is_refused() -> None:
    with pytest.raises(TooLargeError, match="3 pages; at most 2"):
        read(pdf_bytes([REPORT] * 3), DocumentLimits(max_pages=2))


def test_a_scan_is_told_from_a_report() -> None:
    with pytest.raises(DecodeError, match="probably a scan"):
        read(pdf_bytes(["", ""]))


def test_an_encrypted_pdf_is_refused_and_a_restricted_one_read() -> None:
    with pytest.raises(DecodeError, match="encrypted"):
        read(encrypted_pdf("secret"))
    assert read(encrypted_pdf("")) == REPORT


def test_an_empty_word_document_is_refused() -> None:
    with pytest.raises(DecodeError, match="holds no text"):
        read(docx_bytes(""))


@pytest.mark.parametrize(
    "data",
    [
        zip_bytes({"a.txt": b"text"}),
        zip_bytes({"[Content_Types].xml": b"<Types/>"}),
        repacked(docx_bytes(REPORT), lambda name, data: None if name == DOCUMENT else data),
        repacked(docx_bytes(REPORT), lambda name, data: b"<w:" if name == DOCUMENT else data),
        docx_bytes(REPORT)[:2000],
        b"PK\x03\x04" + bytes(100),
    ],
    ids=["zip", "no-rels", "no-document", "broken-xml", "truncated", "zeros"],
)
def test_a_broken_word_document_is_one_sentence(data: bytes) -> None:
    error = answered(data)
    assert isinstance(error, DecodeError)
    assert "Word" in error.message


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.4", b"%PDF-1.7\n%%EOF", pdf_bytes([REPORT])[:200], b"junk %PDF-1.4 junk" * 9],
    ids=["header", "no-objects", "truncated", "junk"],
)
def test_a_broken_pdf_is_one_sentence(data: bytes) -> None:
    error = answered(data)
    assert isinstance(error, DecodeError)
    assert "PDF" in error.message


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(
        docx_bytes(REPORT), lambda name, data: bytes(80 * 2**20) if name == DOCUMENT else data
    )
    assert len(bomb) < 2**20
    with pytest.raises(TooLargeError, match="unpacks to 81 MiB"):
        read(bomb)


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked() -> None:
    bomb = bytearray(
        repacked(docx_bytes(REPORT), lambda n, d: bytes(80 * 2**20) if n == DOCUMENT else d)
    )
    with zipfile.ZipFile(io.BytesIO(bytes(bomb))) as archive:
        size = next(p.file_size for p in archive.infolist() if p.filename == DOCUMENT)
    bomb = bytearray(bytes(bomb).replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    error = answered(bytes(bomb))
    assert isinstance(error, DecodeError)


def test_many_parts_are_refused() -> None:
    parts = {f"{i}.xml": b"" for i in range(50)}
    with pytest.raises(TooLargeError, match="50 parts"):
        read(zip_bytes(parts), DocumentLimits(max_parts=49))


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    doctype = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}"><!ENTITY l "lol">]>'.encode()

    def change(name: str, data: bytes) -> bytes:
        if name != DOCUMENT:
            return data
        head, _, rest = data.partition(b"?>")
        return head + b"?>" + doctype + rest.replace(b"effusion", b"effusion &e; &l;")

    data = repacked(docx_bytes(REPORT), change)
    try:
        text = read(data)
    except DecodeError:
        return
    assert "hunter2" not in text
    assert "lol" not in text


def test_a_billion_laughs_end_in_a_sentence() -> None:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]>'.encode()

    def change(name: str, data: bytes) -> bytes:
        if name != DOCUMENT:
            return data
        head, _, rest = data.partition(b"?>")
        return head + b"?>" + doctype + rest.replace(b"effusion", b"&l11;")

    data = repacked(docx_bytes(REPORT), change)
    try:
        case = decode_text(data, name="laughs.docx")
    except InputError:
        return
    assert len(case.document.text) < 1000


def test_a_text_too_long_for_the_wire_is_refused_in_the_process() -> None:
    with pytest.raises(TooLargeError, match="characters"):
        read(docx_bytes("effusion " * 60_000))


def test_a_stream_that_unpacks_to_much_is_refused() -> None:
    data = pdf_bytes(["effusion " * 50_000], compress=True)
    assert len(data) < 2**14
    error = answered(data)
    assert isinstance(error, TooLargeError)
    assert "characters" in error.message


def test_a_child_that_dies_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_COMMAND", (sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(DecodeError, match="decoder crash") as caught:
        decode_text(pdf_bytes([REPORT]), name="r.pdf")
    assert "paste" in caught.value.hint


def test_the_name_is_not_believed() -> None:
    assert decode_text(REPORT.encode(), name="report.pdf").document.text == REPORT
