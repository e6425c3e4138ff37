"""Where a model runs, in words."""

from components.device_panel import CHOSEN, facts, fixed_facts, rows_of
from models.throughput import Pass, Throughput

FOUND = Throughput(
    device="cpu",
    passes=(Pass(rows=4, milliseconds=5.0), Pass(rows=8, milliseconds=4.0)),
    bytes_per_row=2_500_000,
    free_bytes=8_000_000_000,
    rows_per_pass=8,
    half_error=0.2,
    half_speed=1.6,
)


def test_what_was_measured_is_said() -> None:
    said = facts(FOUND)
    assert said["speed"] == "250 model runs a second"
    assert said["memory of a further run"] == "2.5 MB"
    assert said["memory free before"] == "8.0 GB"
    assert "bfloat16" in said["number format"]


def test_the_chosen_size_is_marked() -> None:
    assert [row[""] for row in rows_of(FOUND)] == ["", CHOSEN]


def test_where_records_are_answered_is_said_too() -> None:
    said = fixed_facts("cpu", 8192)
    assert said["device"] == "cpu"
    assert said["passes"].startswith("8,192 model runs at once")
