"""Radiographs: how they come in, and the viewer they are shown in."""

from typing import Final

from components import case_facts, gallery, upload, viewer
from components.downloads import Download
from components.figures.panels import FilmView, film_view, uncut_view
from components.scene import Scene
from components.state import Arrival, ConsultState, Source
from explainers.report import EvidenceReport
from models.case import Case
from pages import _cases, _files
from pages._modality import ModalityView

WELCOME: Final = (
    "Consilium asks a model about a chest X-ray and lets three kinds of explanation say what the "
    "answer rests on: saliency, SHAP and LIME, side by side and in the same units, with the places "
    "where they agree and where they part. Open a film of your own, or one of these. Files stay on "
    "the computer that runs Consilium."
)


def _film(source: Source, *, frame: int | None = None, window: int | None = None) -> Arrival:
    """A film to be read from a file."""
    return Arrival(read=lambda: _cases.decode_film(source, frame, window), source=source)


def _take(state: ConsultState) -> Arrival | None:
    """The uploader, and the frame question of a multi-frame file."""
    asked = None
    if state.n_frames and state.tried is not None:
        frame = upload.show_frame_choice(state.n_frames, key=f"image.frame.{state.n_opened}")
        asked = None if frame is None else _film(state.tried, frame=frame)
    given = upload.show(upload.FILM, tried=state.tried, key=f"image.file.{state.n_opened}")
    return asked or (None if given is None else _film(given))


def _samples(_: ConsultState) -> Arrival | None:
    """Films to try."""
    chosen = gallery.show(_cases.tiles(), key="image.sample")
    named = gallery.show_folder(_cases.folder(), _cases.folder_remarks(), key="image.folder")
    film_id = named or chosen
    return None if film_id is None else Arrival(read=lambda: _cases.sample(film_id))


def _details(state: ConsultState, case: Case) -> Arrival | None:
    """What the file states; the same file can be read again with another of its windows."""
    film = case.film
    case_facts.show_details(case, case_facts.film_facts(case))
    if state.source is None:
        return None
    window = upload.show_window_choice(film, key=f"window.{state.n_opened}")
    if window is None:
        return None
    return _film(state.source, frame=film.frame_index, window=window)


def _view(scene: Scene) -> FilmView:
    """The film, and its regions as soon as it is cut."""
    if scene.layout is None or scene.layout.frame is None:
        return uncut_view(scene.case.film)
    return film_view(scene.case.film, frame=scene.layout.frame, players=scene.layout.players)


def _draw(scene: Scene) -> int | None:
    """The viewer."""
    return viewer.show(
        _view(scene),
        scene.panels,
        scene.agreement,
        names=scene.names,
        selected=scene.selected,
        key=scene.key,
        kept=scene.pictures,
        asks=scene.agreement is not None,
        closed=_closed(scene),
    )


def _closed(scene: Scene) -> str:
    """Why the model cannot be asked about areas of this film; "" where it can."""
    check = scene.prediction.check if scene.prediction is not None else None
    if check is not None and not check.accepted:
        return "The input check refused this film, so the model is not asked about areas of it."
    if scene.report is None or scene.agreement is not None:
        return ""
    if scene.report.nothing_to_explain:
        return "There is nothing to explain here, so the model is not asked about areas."
    return "Areas can be asked about when at least two methods have answered."


def _write(scene: Scene, report: EvidenceReport) -> tuple[Download, ...]:
    """Report, panels and numbers."""
    return (
        _files.html_file(scene, report),
        _files.png_file(scene, report, _view(scene)),
        *_files.table_files(scene, report),
    )


IMAGE: Final = ModalityView(
    modality="image",
    title="One film, three explanations",
    welcome=WELCOME,
    take=_take,
    samples=_samples,
    facts=case_facts.film_line,
    details=_details,
    draw=_draw,
    files=_write,
)
