"""Small files made on the fly: DICOM from an array, PNG and TIFF bytes, and the bombs."""

import io
import struct
import zlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, generate_uid

CR = "1.2.840.10008.5.1.4.1.1.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)

Attributes = Mapping[str, object]


def dataset_of(
    pixels: npt.NDArray[np.integer],
    *,
    bits_stored: int | None = None,
    syntax: str = ExplicitVRLittleEndian,
    extra: Attributes | None = None,
) -> Dataset:
    """A CR data set of (rows, columns), (rows, columns, 3) or, with NumberOfFrames, frames."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.file_meta.MediaStorageSOPClassUID = UID(CR)
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["consilium"])
    dataset.SOPClassUID = UID(CR)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID
    dataset.Modality = "CR"
    has_frames = pixels.ndim > 2 and "NumberOfFrames" in (extra or {})
    shape = pixels.shape[1:] if has_frames else pixels.shape
    dataset.Rows, dataset.Columns = shape[:2]
    dataset.SamplesPerPixel = 3 if len(shape) == 3 else 1
    dataset.PhotometricInterpretation = "RGB" if len(shape) == 3 else "MONOCHROME2"
    if len(shape) == 3:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = pixels.dtype.itemsize * 8
    dataset.BitsStored = bits_stored or dataset.BitsAllocated
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    order = "<" if dataset.file_meta.TransferSyntaxUID.is_little_endian else ">"
    dataset.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    dataset["PixelData"].VR = "OB" if pixels.dtype.itemsize == 1 else "OW"
    for keyword, value in (extra or {}).items():
        setattr(dataset, keyword, value)
    return dataset


def to_bytes(dataset: Dataset) -> bytes:
    """The data set as a DICOM file in the transfer syntax it names."""
    out = io.BytesIO()
    dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def dicom_bytes(
    pixels: npt.NDArray[np.integer] = RAMP,
    *,
    bits_stored: int | None = 12,
    syntax: str = ExplicitVRLittleEndian,
    extra: Attributes | None = None,
) -> bytes:
    """`dataset_of` as a file."""
    bits = None if pixels.dtype.itemsize == 1 else bits_stored
    return to_bytes(dataset_of(pixels, bits_stored=bits, syntax=syntax, extra=extra))


def encapsulated(
    stream: bytes, syntax: str, *, rows: int, columns: int, extra: Attributes | None = None
) -> bytes:
    """A DICOM file around a compressed frame, with a header that may lie about its size."""
    dataset = dataset_of(np.zeros((1, 1), np.uint8), syntax=syntax, extra=extra)
    dataset.Rows, dataset.Columns = rows, columns
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].is_undefined_length = True
    return to_bytes(dataset)


def lut_item(first: int, bits: int, entries: npt.NDArray[np.integer]) -> Dataset:
    """One item of a modality or VOI LUT sequence."""
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 65536, first, bits]
    item["LUTDescriptor"].VR = "US" if first >= 0 else "SS"
    item.LUTData = entries.astype("<u2").tobytes()
    item["LUTData"].VR = "OW"
    return item


def image_bytes(
    pixels: npt.NDArray[np.generic] | Image.Image, kind: str, *, orientation: int | None = None
) -> bytes:
    """A PNG, JPEG or TIFF file of an array or Pillow picture."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    out = io.BytesIO()
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    image.save(out, kind.upper(), exif=exif.tobytes() if orientation else b"")
    return out.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def deflated_zeros(n_bytes: int) -> bytes:
    """A raw deflate stream of zeros, made of one block repeated: 1 kB for every MiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    tail = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    end = tail.compress(bytes(n_bytes % (1 << 20))) + tail.flush()
    return block * (n_bytes >> 20) + end


def png_bomb(side: int) -> bytes:
    """A black PNG of side x side pixels; 0.9 MB for 30,000."""
    n_bytes, checksum = side * (side + 1), 1
    for start in range(0, n_bytes, 1 << 20):
        checksum = zlib.adler32(bytes(min(1 << 20, n_bytes - start)), checksum)
    body = b"\x78\xda" + deflated_zeros(n_bytes) + struct.pack(">I", checksum)
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def meta_end(file: bytes) -> int:
    """Where the data set of a DICOM file begins: after the group length that stands first."""
    (length,) = struct.unpack_from("<I", file, 140)
    return 144 + int(length)


def deflated_bomb(side: int) -> bytes:
    """A deflated DICOM of side x side zeros, which parsing inflates whole; 0.9 MB for 30,000."""
    dataset = dataset_of(np.zeros((1, 1), np.uint8))
    dataset.Rows = dataset.Columns = side
    plain = to_bytes(dataset)
    body = plain[meta_end(plain) : plain.index(b"\xe0\x7f\x10\x00")]
    body += b"\xe0\x7f\x10\x00OW\0\0" + struct.pack("<I", side * side)
    dataset.file_meta.TransferSyntaxUID = UID(DeflatedExplicitVRLittleEndian)
    head = to_bytes(dataset)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = packer.compress(body) + packer.flush(zlib.Z_FULL_FLUSH)
    return head[: meta_end(head)] + start + deflated_zeros(side * side)


def jpeg2000_bomb(side: int) -> bytes:
    """A JPEG 2000 stream of one empty tile that claims side x side pixels: about 100 bytes."""
    siz = struct.pack(">HHIIIIIIIIHBBB", 41, 0, side, side, 0, 0, side, side, 0, 0, 1, 7, 1, 1)
    cod = struct.pack(">HBBHBBBBBB", 12, 0, 0, 1, 0, 5, 4, 4, 0, 1)
    qcd = struct.pack(">HB", 19, 0x40) + bytes(8 << 3 for _ in range(16))
    tile = b"\xff\x90" + struct.pack(">HHIBB", 10, 0, 14 + 1, 0, 1) + b"\xff\x93" + b"\0"
    return b"\xff\x4f\xff\x51" + siz + b"\xff\x52" + cod + b"\xff\x5c" + qcd + tile + b"\xff\xd9"
