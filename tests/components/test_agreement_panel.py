"""The size of the top can be set; only statistics are computed again, no model is asked."""

from streamlit.testing.v1 import AppTest

PATIENCE = 60.0


def page() -> None:
    """One agreement with a field for the size of the top."""
    from components import agreement_panel
    from tests.components import scenes

    found = scenes.answers()
    agreement_panel.show(
        scenes.agreement(found), titles=scenes.TITLES, key="agreement", explanations=found
    )


def plain() -> None:
    """The same without answers, as it is exported."""
    from components import agreement_panel
    from tests.components import scenes

    agreement_panel.show(scenes.agreement(), titles=scenes.TITLES, key="agreement")


def words(at: AppTest) -> str:
    return "\n".join(str(element.proto) for element in at.main)


def test_the_size_starts_at_what_carries_half_and_the_page_follows_it() -> None:
    at = AppTest.from_function(page, default_timeout=PATIENCE).run()
    (size,) = at.number_input
    assert f"the {size.value} largest shares" in words(at)
    size.set_value(7).run()
    assert not at.exception
    assert "the 7 largest shares" in words(at)
    assert "for the top 7" in words(at)


def test_every_metric_of_every_pair_can_be_followed_over_the_size() -> None:
    at = AppTest.from_function(page, default_timeout=PATIENCE).run()
    at.selectbox[0].select_index(2).run()
    at.selectbox(key="agreement.by").select("rank_correlation").run()
    assert not at.exception
    assert "whatever the top" in words(at)
    at.selectbox[0].select_index(0).run()
    at.selectbox(key="agreement.by").select("sign_agreement").run()
    assert "undefined for this pair" in words(at)  # Grad-CAM has no direction


def test_without_answers_nothing_can_be_set() -> None:
    at = AppTest.from_function(plain, default_timeout=PATIENCE).run()
    assert not at.exception
    assert not at.number_input


def changing() -> None:
    """Two reports of one case, one after the other: of sixteen parts, then of three."""
    import streamlit as st

    from components import agreement_panel
    from explainers.agreement import compare
    from tests import reports
    from tests.components import scenes

    found = scenes.answers()
    if st.toggle("other", key="other"):
        errors = {"std_error": None}
        found = tuple(reports.explanation(m, **errors) for m in ("lime", "kernel_shap"))
    agreement_panel.show(compare(found), titles=scenes.TITLES, key="agreement", explanations=found)


def test_another_report_starts_at_its_own_size() -> None:
    at = AppTest.from_function(changing, default_timeout=PATIENCE).run()
    at.number_input[0].set_value(16).run()
    at.selectbox[0].select_index(2).run()
    at.toggle(key="other").set_value(True).run()
    assert not at.exception
    assert at.number_input[0].max == 3
