"""The load generator sees what a page shows, compares what was computed, and stays at home."""

import json

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.people import figures, without_times
from benchmarks.profile import breakdown
from benchmarks.session import Session


def begin(run: str, *fragments: str) -> ForwardMsg:
    message = ForwardMsg()
    message.new_session.initialize.session_id = "s"
    return of_run(message, run, *fragments)


def of_run(message: ForwardMsg, run: str, *fragments: str) -> ForwardMsg:
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def button(run: str, label: str, *path: int) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.new_element.button.label = label
    message.metadata.delta_path.extend(path)
    return of_run(message, run)


def end(run: str, *fragments: str, early: bool = False) -> ForwardMsg:
    message = ForwardMsg()
    message.script_finished = (
        ForwardMsg.FINISHED_EARLY_FOR_RERUN if early else ForwardMsg.FINISHED_SUCCESSFULLY
    )
    return of_run(message, run, *fragments)


def told(*messages: ForwardMsg) -> Session:
    session = Session("http://127.0.0.1:1")
    for message in messages:
        session._take(message)
    return session


def test_page_shows_what_its_last_run_drew() -> None:
    session = told(
        begin("1"), button("1", "Old", 0, 0), button("1", "Kept", 0, 1), end("1"),
        begin("2"), button("2", "Kept", 0, 1), end("2"),
    )  # fmt: skip
    assert session.find("button", "Old") is None
    assert session.find("button", "Ke") is not None
    assert session._finished[""] == 2


def test_run_that_was_cut_short_takes_nothing_away() -> None:
    session = told(begin("1"), button("1", "Old", 0, 0), end("1"), begin("2"), end("2", early=True))
    assert session.find("button", "Old") is not None
    assert session._finished[""] == 1


def test_run_whose_end_was_overtaken_has_ended() -> None:
    """Streamlit says "cut short", or nothing, when a part is drawn before the news is sent."""
    session = told(begin("1"), button("1", "Old", 0, 0), end("1"), begin("2"), begin("3", "part"))
    assert session._finished[""] == 2
    assert session.find("button", "Old") is None
    session = told(begin("1"), end("1"), begin("2", "part"), end("2", "part", early=True))
    assert session._finished == {"": 1, "part": 1}


def test_widget_knows_the_part_it_is_drawn_with() -> None:
    message = button("1", "Explain", 0, 0)
    message.delta.new_element.button.id = "id"
    message.delta.fragment_id = "part"
    assert told(begin("1"), message)._part_of["id"] == "part"


def test_error_on_the_page_is_kept() -> None:
    message = ForwardMsg()
    message.delta.new_element.exception.message = "boom"
    assert told(begin("1"), of_run(message, "1")).exceptions == ["boom"]


def test_client_speaks_to_its_own_machine_only() -> None:
    with pytest.raises(ValueError, match=r"not to 192\.0\.2\.1"):
        Session("http://192.0.2.1:8501")


def test_figures_are_nearest_ranks() -> None:
    found = figures([float(n) for n in range(100, 0, -1)])
    assert found == {"n": 100, "p50": 51.0, "p95": 95.0, "max": 100.0}
    assert figures([3.0])["p95"] == 3.0


def test_reports_are_compared_without_their_times_alone() -> None:
    one = {"explanations": [{"values": [0.1], "seconds": 1.0}]}
    slower = {"explanations": [{"values": [0.1], "seconds": 2.0}]}
    other = {"explanations": [{"values": [0.2], "seconds": 1.0}]}
    assert without_times(json.dumps(one)) == without_times(json.dumps(slower))
    assert without_times(json.dumps(one)) != without_times(json.dumps(other))


def test_steps_in_order_sum_to_the_whole() -> None:
    spans = [
        ("page", 10.5, 11.0, 1),
        ("decode", 10.6, 10.8, 1),
        ("consultation", 11.1, 14.0, 2),
        ("passes", 11.2, 12.2, 2),
        ("passes", 12.5, 13.5, 2),
        ("passes", 12.5, 13.5, 3),
        ("page", 14.3, 14.8, 1),
        ("panels", 14.4, 14.7, 1),
        ("files", 16.0, 17.0, 4),
    ]
    found = breakdown(spans, [(14.9, 1000), (20.0, 5)], 10.0, 15.5)
    assert sum(found["serial"].values()) == pytest.approx(found["whole"])
    assert found["serial"]["engine: passes of the model"] == pytest.approx(2.0)
    assert found["serial"]["until the page looks"] == pytest.approx(0.3)
    assert found["serial"]["browser"] == pytest.approx(0.6)
    assert found["of which"]["files (after the pixels)"] == pytest.approx(1.0)


def test_page_that_waits_for_the_report_begins_to_draw_it_when_it_is_there() -> None:
    spans = [
        ("page", 10.1, 11.0, 1),
        ("consultation", 10.2, 10.4, 2),
        ("passes", 10.25, 10.35, 2),
        ("panels", 10.45, 10.9, 1),
    ]
    found = breakdown(spans, [(11.1, 1000)], 10.0, 11.5)
    assert sum(found["serial"].values()) == pytest.approx(found["whole"])
    assert found["serial"]["until the page looks"] == 0
    assert found["serial"]["drawing the page (figures, tables)"] == pytest.approx(0.6)
