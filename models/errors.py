"""Every error a user can meet: one clear sentence, and what to do about it.

Owns the exception hierarchy of the whole product. Messages name the offending value and the allowed
one, never patient content (pixels, text, field values, file names, DICOM identifiers).
"""


class ConsiliumError(Exception):
    """Base of all expected failures.

    Args:
        message: One sentence: what was wrong.
        hint: One sentence: what to do. May be empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Both sentences, as they are shown to the user."""
        return f"{self.message} {self.hint}".strip()

    def __reduce__(self) -> tuple[type["ConsiliumError"], tuple[object, ...]]:
        """Pickle both sentences (errors cross process boundaries)."""
        return type(self), (self.message, self.hint)


class InputError(ConsiliumError):
    """The given file, row or text cannot be used."""


class DecodeError(InputError):
    """The bytes are not a readable file of an accepted kind."""


class SchemaError(InputError):
    """A record does not fit the model's columns."""


class TooLargeError(InputError):
    """The input exceeds a stated limit."""


class FrameChoiceError(InputError):
    """The file holds several frames and none (or one that does not exist) was chosen.

    Args:
        n_frames: Frames in the file, >= 2; valid choices are 0 .. n_frames - 1.
    """

    def __init__(self, n_frames: int) -> None:
        super().__init__(
            f"The file holds {n_frames} frames and only one can be examined at a time.",
            "Choose a frame.",
        )
        self.n_frames = n_frames

    def __reduce__(self) -> tuple[type["ConsiliumError"], tuple[object, ...]]:
        """Pickle the number of frames, from which both sentences follow."""
        return type(self), (self.n_frames,)


class RowChoiceError(InputError):
    """The table holds several records and none (or one that does not exist) was chosen.

    Args:
        n_rows: Records in the table, >= 1; valid choices are 1 .. n_rows.
    """

    def __init__(self, n_rows: int) -> None:
        noun = "1 record" if n_rows == 1 else f"{n_rows:,} records"
        super().__init__(
            f"The table holds {noun} and only one can be examined at a time.",
            f"Choose a row from 1 to {n_rows:,}, counted below the header.",
        )
        self.n_rows = n_rows

    def __reduce__(self) -> tuple[type["ConsiliumError"], tuple[object, ...]]:
        """Pickle the number of rows, from which both sentences follow."""
        return type(self), (self.n_rows,)


class ModelError(ConsiliumError):
    """A model cannot be loaded or run."""


class WeightsError(ModelError):
    """Weights are missing, damaged or not the ones the card names."""


class ExplainError(ConsiliumError):
    """An explanation cannot be computed."""


class UnsupportedMethodError(ExplainError):
    """The method needs something that this model or modality does not offer."""


class BudgetError(ExplainError):
    """The budget is too small for the method and the number of players."""


class MaskError(ExplainError):
    """Masks have the wrong shape or values."""


class NonFiniteError(ExplainError):
    """The model returned NaN or infinity."""


class DeviceMemoryError(ExplainError):
    """The device has no room for even one row."""


class CancelledError(ExplainError):
    """The user stopped the computation."""


class IncomparableError(ConsiliumError):
    """Explanations that answer different questions were compared."""
