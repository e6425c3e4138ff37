"""What the trials amount to in words: the sentence and the table say the same."""

from dataclasses import replace

import numpy as np
import pytest

from components import trial_rows
from explainers.sanity_wording import sentence
from explainers.stability_report import StabilityReport
from tests.components.test_trial_panels import TITLES, sanity_of


def test_a_light_for_want_of_cases_is_not_called_partly() -> None:
    known = sanity_of(lime=0.4)
    own = known.methods[0].own.copy()
    own[1] = np.array([0.05, 0.05, 0.75, 0.75])[:, None]  # from case to case all or nothing
    wide = replace(known, methods=(replace(known.methods[0], own=own),))
    assert wide.light("lime") == "amber"
    written = trial_rows.sanity_html(wide, TITLES)
    assert "◐ amber: too few cases to say" in written
    assert "too few to say" in sentence(wide.methods[0], wide, "LIME")
    assert "Left with the head random" in written
    assert "Left with all layers random" in written


def test_intervals_end_where_the_scale_ends() -> None:
    """A part below nothing is nothing, in the sentence as in the table."""
    low = sanity_of(lime=-0.04)
    assert "0 % (0 % to 0 %)" in trial_rows.sanity_html(low, TITLES)
    assert "no more than 0 % of its map" in sentence(low.methods[0], low, "LIME")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((1.0, 1.0, 0.999), "the model's answer itself stays as it is, to two digits."),
        ((0.9, 1.25), "the explained value itself moves by −0.10 to +0.25."),
    ],
)
def test_how_far_the_answer_moved_is_said_in_words(values: tuple[float, ...], words: str) -> None:
    found = StabilityReport(
        k=3, noise="Noise.", value=1.0, noisy_values=values, methods=(), rows=1, seconds=0.0
    )
    assert words in trial_rows.stability_note(found)
    without = trial_rows.stability_note(replace(found, noisy_values=()))
    assert without == "Noise. Higher is more stable: 1 is no change."
