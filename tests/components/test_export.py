"""The HTML report: one file, nothing loaded, nothing executed, pictures in the right place."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
from PIL import Image

from components.export import html_report
from components.figures.panels import DIMMED
from components.markup import Markup, join, table, tag
from explainers.guard import NothingToExplain
from explainers.report import MethodFailure
from models.case import ImageFrame, ImagePayload
from tests import reports

EVIL = "<script>alert(1)</script><img src=https://evil.example/x onerror=alert(2)>\"'&"
FILM = ImagePayload(pixels=np.full((40, 60), 0.5, dtype=np.float32), row_direction="R")
FRAME = ImageFrame(top=10.0, left=20.0, height=20.0, width=30.0)


class Page(HTMLParser):
    """Tags, attributes and visible words of a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def images(self) -> dict[str, Image.Image]:
        """Pictures by their words, decoded."""
        found = {}
        for name, attributes in self.tags:
            if name == "img" and attributes["alt"]:
                kind, data = str(attributes["src"]).split(",", 1)
                assert kind == "data:image/png;base64"
                picture = Image.open(io.BytesIO(base64.b64decode(data, validate=True)))
                found[attributes["alt"]] = picture.convert("RGB")
        return found


def page(**changed: object) -> Page:
    report = reports.report(**{"frame": FRAME, **changed})
    return Page(html_report(report, FILM, titles={"lime": "LIME"}))


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    source = html_report(reports.report(frame=FRAME), FILM)
    found = Page(source)
    names = {name for name, _ in found.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form", "base", "a"}
    assert not [a for _, attributes in found.tags for a in attributes if a.startswith("on")]
    assert "url(" not in source
    assert "@import" not in source
    assert not re.findall(r"(?:src|href)=\"(?!data:image/png)", source)
    policy = [a["content"] for n, a in found.tags if a.get("http-equiv")]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_every_word_of_a_report_is_escaped() -> None:
    plain = page()
    evil = page(
        model=replace(reports.report().model, title=EVIL, intended_use=EVIL, limits=(EVIL,)),
        players=replace(reports.PLAYERS, names=(EVIL, EVIL, EVIL)),
        remarks=(EVIL,),
        failures=(MethodFailure(method="rise", reason=EVIL),),
        environment={EVIL: EVIL},
        agreement=replace(reports.agreement(), reasons=(EVIL,) * 3, remarks=(EVIL,)),
    )
    assert evil.text.count("<script>alert(1)</script>") >= 11
    same = ("script", "img", "b")
    assert [n for n, _ in evil.tags if n in same] == [n for n, _ in plain.tags if n in same]


def test_film_each_method_and_the_disagreement_have_a_panel_of_equal_size() -> None:
    images = page().images()
    assert list(images) == ["Film", "LIME", "grad_cam", "Disagreement"]
    assert {image.size for image in images.values()} == {(60, 40)}


def test_overlays_lie_where_the_model_looked() -> None:
    images = page().images()
    film, lime, cam = (np.asarray(images[n], dtype=int) for n in ("Film", "LIME", "grad_cam"))
    changed = (cam != lime).any(axis=2)  # Grad-CAM found nothing
    # LIME's whole share is on player 0: columns 0 and 1 of 3 in the upper row of 2.
    expected = np.zeros((40, 60), dtype=bool)
    expected[10:20, 20:40] = True
    assert np.array_equal(changed, expected)
    seen = np.zeros((40, 60), dtype=bool)
    seen[10:30, 20:50] = True
    assert np.array_equal((film == cam).all(axis=2), seen)  # the rest is darker: not looked at


def test_without_film_or_frame_there_are_no_pictures_but_all_words() -> None:
    for film, frame in ((None, FRAME), (FILM, None)):
        found = Page(html_report(reports.report(frame=frame), film))
        assert not found.images()
        assert "Regions" in found.text


def test_the_page_says_what_a_reader_must_know() -> None:
    text = page().text
    for words in (
        "Not for diagnosis",
        "This is no film.",
        "sick counts as present from 30.0 %",
        "80.0 %",
        "rather than “well”",
        "probability scale",
        "patient's left at the image's left, as the file states",
        "rise gave no answer: The budget is too small.",
        "-LIME says so, Grad-CAM does not.",
        "undefined: grad_cam found nothing",
        "share of all evidence, probability scale, against blur",
        "share of all evidence, probability scale, hides nothing",
        "Agreement is not truth",
        "d" * 64,
        "masks 100, penalty 1.0, enumerated False",
    ):
        assert words in text, words


def test_methods_without_direction_have_no_plus_sign() -> None:
    dim = reports.explanation("grad_cam", values=np.array([3.0, 1.0, 0.0]), signed=False)
    text = page(explanations=(dim,), agreement=None).text
    assert "75.0 %" in text
    assert "+75.0 %" not in text
    assert "Green marks" in text
    assert "Orange" not in text


def test_a_report_without_answers_still_makes_a_page() -> None:
    text = page(explanations=(), agreement=None).text
    assert "No method found a region that matters." in text


def test_where_there_is_nothing_to_explain_the_page_says_why_and_dims_its_maps() -> None:
    reason = NothingToExplain(cause="no effect", sentence=f"Nothing moves it {EVIL}.")
    loud = page()
    dim = page(agreement=None, nothing_to_explain=(reason,))
    assert "Nothing to explain" in dim.text
    assert reason.sentence in dim.text
    assert "Agreement is not truth" not in dim.text
    assert "Colours are dimmed" in dim.text
    assert "dimmed" not in loud.text
    # The region that LIME weighs most, on a film of one grey.
    grey, strong, faint = (
        np.asarray(each.images()[name], dtype=float)[12:28, 22:48]
        for each, name in ((loud, "Film"), (loud, "LIME"), (dim, "LIME"))
    )
    assert 0 < np.abs(faint - grey).max() < 0.7 * np.abs(strong - grey).max()
    fills = [
        {str(a["fill"]) for name, a in each.tags if name == "rect" and "rgba" in str(a["fill"])}
        for each in (loud, dim)
    ]
    assert fills[0]
    assert all(fill.endswith(",1)") for fill in fills[0])
    assert fills[1] == {fill.replace(",1)", f",{DIMMED})") for fill in fills[0]}


def test_markup_escapes_text_and_only_text() -> None:
    made = tag("p", Markup("<b>x</b>"), ["<i>", Markup("<u></u>")], attributes={"title": '"&'})
    assert made == '<p title="&quot;&amp;"><b>x</b>&lt;i&gt;<u></u></p>'
    assert join("a & b") == join(["a & b"]) == "a &amp; b"
    assert "<thead>" not in table("caption", (), [("name", "cell")])
