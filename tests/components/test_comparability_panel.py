"""The panel says nothing loudly when nothing was found, and each cause in words otherwise."""

from streamlit.testing.v1 import AppTest

from components.comparability_panel import change_rows
from explainers.harmonise import Change


def panel() -> None:
    """A page of the panel alone; causes come from the session."""
    import streamlit as st

    from components import comparability_panel
    from explainers.report import ConsultRequest

    causes = st.session_state["causes"]
    st.session_state["asked"] = comparability_panel.show(causes, ConsultRequest(), key="panel")


def drawn(*causes: object) -> AppTest:
    at = AppTest.from_function(panel)
    at.session_state["causes"] = causes
    at.run()
    assert not at.exception
    return at


def cause(**changed: object) -> object:
    from explainers.causes import Cause

    fields: dict[str, object] = {
        "id": "budget",
        "severity": "explains part",
        "by_nature": False,
        "one": ("lime",),
        "other": (),
        "sentence": "LIME had too few model runs.",
        "why": "A map that changes.",
        "remedy": "Allow more.",
    }
    return Cause(**{**fields, **changed})  # type: ignore[arg-type]


def test_one_quiet_line_when_nothing_was_found() -> None:
    at = drawn()
    assert [c.value.replace("\\", "") for c in at.caption] == [
        "Asked alike: same regions, same baseline, same scale, same class."
    ]
    assert not at.text
    assert not at.button


def test_a_cause_is_said_with_its_severity_and_a_way_out() -> None:
    at = drawn(cause(), cause(id="scale", severity="incomparable", sentence="Two *units*."))
    assert [t.value for t in at.text] == [
        "Explains part of the difference: LIME had too few model runs.",
        "Cannot be compared: Two *units*.",
    ]
    assert [b.label for b in at.button] == ["Ask all of them alike"]
    at.button[0].click().run()
    assert at.session_state["asked"]


def test_what_lies_in_the_methods_opens_below_and_asks_for_nothing() -> None:
    at = drawn(cause(by_nature=True, sentence="Grad-CAM hid nothing."))
    assert [e.label for e in at.expander] == ["What sets these methods apart by what they are"]
    assert at.expander[0].text[0].value.startswith("Grad-CAM hid nothing.")
    assert not at.button


def test_undefined_differences_are_dashes() -> None:
    nan = float("nan")
    (row,) = change_rows(
        [
            Change(
                methods=("lime", "kernel_shap"),
                before=nan,
                after=0.254,
                noise_before=nan,
                noise_after=0.0,
                error=0.0,
                rank_before=nan,
                rank_after=-0.5,
            )
        ],
        {"lime": "LIME"},
    )
    assert row["Methods"] == "LIME and kernel_shap"
    assert row["Evidence elsewhere before"] == "–"
    assert row["now"] == "25 %"
    assert row["rank correlation now"] == "\N{MINUS SIGN}0.50"
