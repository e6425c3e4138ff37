"""From options to what is asked of which model. No torch but for the names of the methods."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from explainers.cli_options import KINDS, Options
from explainers.maskers.names import BASELINES_OF, PLAYERS_OF
from explainers.report import ConsultRequest, default_request
from models.card import ModelCard
from models.case import Modality
from models.errors import InputError, ModelError
from models.inputs.sniff import probe_kind

HEAD: Final = 132  # bytes in which every accepted picture, and a PDF, says what it is
SUFFIXES: Final[Mapping[str, Modality]] = {
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom"), "image"),
    **dict.fromkeys((".csv", ".tsv", ".json"), "tabular"),
    **dict.fromkeys((".txt", ".docx", ".pdf"), "text"),
}
A_CASE: Final[Mapping[Modality, str]] = {
    "image": "an image",
    "tabular": "a table",
    "text": "a text",
}
# Options that mean nothing for other modalities.
ONLY_FOR: Final[Mapping[str, tuple[Modality, ...]]] = {
    "frame": ("image",),
    "window": ("image",),
    "row": ("tabular",),
    "start_word": ("text",),
    "players": ("image", "tabular"),
}
Name = TypeVar("Name", bound=str)


def chosen_model(options: Options, path: Path, cards: Mapping[str, ModelCard]) -> str:
    """Id of the model asked for, or of the only one that takes this modality.

    Raises:
        InputError: an option does not fit the modality, or nothing tells what the file is.
        ModelError: no such model, several fit, or it takes another modality.
    """
    modality = options.modality
    if modality is None:
        modality = guessed(path) if options.model is None else cards[options.model].modality
    _require_fitting(options, modality)
    fitting = [model_id for model_id, card in cards.items() if card.modality == modality]
    if not fitting:
        raise ModelError(f"No model takes {KINDS[modality]}.")
    if options.model is None and len(fitting) > 1:
        raise ModelError("No model was named.", f"Choose by --model: {', '.join(fitting)}.")
    if options.model is None:
        return fitting[0]
    if cards[options.model].modality != modality:
        raise ModelError(
            f"The model {options.model!r} does not take {KINDS[modality]}.",
            f"These do: {', '.join(fitting)}.",
        )
    return options.model


def guessed(path: Path) -> Modality:
    """What a file is: by its first bytes where they tell, else by its name.

    Raises:
        InputError: neither tells.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be read: {error.strerror}.") from error
    if probe_kind(head) is not None:
        return "image"
    if head.startswith(b"%PDF"):
        return "text"
    if path.suffix.lower() in SUFFIXES:
        return SUFFIXES[path.suffix.lower()]
    raise InputError(
        f"Neither its content nor its name tells what {str(path)!r} is.",
        "Say so: --modality image, tabular or text.",
    )


def request_for(options: Options, card: ModelCard) -> ConsultRequest:
    """What the page would ask of this model with the same choices.

    Raises:
        ExplainError: no such method.
        InputError: no such baseline or cut for this modality.
    """
    from explainers.methods import methods_named

    asked, modality = default_request(card), card.modality
    if options.methods is not None:
        asked = replace(asked, methods=tuple(m.card.id for m in methods_named(options.methods)))
    if options.regions is not None:
        known = PLAYERS_OF[modality]
        asked = replace(asked, players=_one_of("--regions", options.regions, known, modality))
    if options.baseline is not None:
        offered = BASELINES_OF[modality]
        asked = replace(asked, baseline=_one_of("--baseline", options.baseline, offered, modality))
    return replace(
        asked,
        target=options.target,
        contrast=options.contrast,
        seed=options.seed,
        scale=options.scale,
        budget=options.budget or asked.budget,
        n_players=options.players or asked.n_players,
    )


def _require_fitting(options: Options, modality: Modality) -> None:
    """Refuse what would be passed over in silence."""
    for name, modalities in ONLY_FOR.items():
        if getattr(options, name) is not None and modality not in modalities:
            kinds = " and ".join(KINDS[kind] for kind in modalities)
            raise InputError(
                f"--{name.replace('_', '-')} is for {kinds}, but this is {A_CASE[modality]}.",
                "Leave it out.",
            )


def _one_of(option: str, name: str, known: Iterable[Name], modality: Modality) -> Name:
    """The name, when it is on offer."""
    names = list(known)
    for each in names:
        if each == name:
            return each
    raise InputError(
        f"{option} {name!r} does not exist for {KINDS[modality]}.",
        f"There are: {', '.join(names)}.",
    )
