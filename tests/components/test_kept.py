"""What is drawn once, and when it is drawn again."""

from components.kept import Kept, once


def test_made_once_from_the_same_and_again_from_others() -> None:
    kept: Kept = {}
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return len(made)

    one, alike = [1.0], [1.0]
    assert once(kept, "a", make, one, values=(2, "x")) == 1
    assert once(kept, "a", make, one, values=(2, "x")) == 1
    assert once(kept, "a", make, alike, values=(2, "x")) == 2, "equal is not the same"
    assert once(kept, "a", make, alike, values=(3, "x")) == 3
    assert once(kept, "a", make, alike, None, values=(3, "x")) == 4
    assert once(kept, "b", make, alike, None, values=(3, "x")) == 5
    assert len(made) == 5


def test_nothing_is_a_result_too() -> None:
    kept: Kept = {}
    calls: list[None] = []
    for _ in range(2):
        assert once(kept, "a", lambda: calls.append(None), kept) is None
    assert len(calls) == 1
