"""Small .docx and PDF files, whole and hostile."""

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfReader, PdfWriter

REPORT = "FINDINGS: Small left pleural effusion. No pneumothorax."


def docx_bytes(*paragraphs: str, body_xml: str = "") -> bytes:
    """A Word document of these paragraphs, with raw XML (a w:p) behind them."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if body_xml:
        xml = body_xml.replace("<w:p>", f"<w:p {nsdecls('w')}>", 1)
        document.element.body.insert(len(paragraphs), parse_xml(xml))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def repacked(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """A ZIP archive with each part changed; None leaves it out."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            content = change(part.filename, old.read(part))
            if content is not None:
                new.writestr(part.filename, content)
    return buffer.getvalue()


def zip_bytes(parts: dict[str, bytes]) -> bytes:
    """A ZIP archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def pdf_bytes(pages: Sequence[str], *, compress: bool = False) -> bytes:
    """A PDF with one line of text a page; "" makes a page without text."""
    kids = [3 + 2 * i for i in range(len(pages))]
    font = 3 + 2 * len(pages)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{k} 0 R' for k in kids)}] /Count {len(kids)} >>"
        .encode(),
    ]  # fmt: skip
    for kid, text in zip(kids, pages, strict=True):
        content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b""
        kind = b""
        if compress:
            content, kind = zlib.compress(content, 9), b"/Filter /FlateDecode "
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {kid + 1} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>".encode()
        )
        objects.append(
            b"<< " + kind + f"/Length {len(content)} >>\nstream\n".encode() + content
            + b"\nendstream"
        )  # fmt: skip
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    return _assembled(objects)


def _assembled(objects: Sequence[bytes]) -> bytes:
    out, places = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    table = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.writelines(f"{place:010d} 00000 n \n".encode() for place in places)
    out.write(
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    )
    return out.getvalue()


def encrypted_pdf(password: str) -> bytes:
    """A PDF that opens with this password only; "" restricts printing alone."""
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf_bytes([REPORT]))))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
