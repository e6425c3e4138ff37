"""Reports are kept by their whole key, in bounded number, for a bounded time."""

from components.report_store import ReportStore
from tests.reports import report as make_report


def test_report_is_found_under_its_key_alone() -> None:
    store, report = ReportStore(), make_report()
    store.put("one", report)
    assert store.get("one") is report
    assert store.get("other") is None


def test_old_reports_are_forgotten() -> None:
    store = ReportStore(max_age_seconds=10.0)
    store.put("a", make_report())
    stored_at, kept = store._entries["a"]
    store._entries["a"] = (stored_at - 11.0, kept)
    assert store.get("a") is None
    assert not store._entries
