"""The load model: what is simulated agrees with what can be said without it."""

from __future__ import annotations

from bench import model
from hypothesis import given
from hypothesis import strategies as st

COMERS = 2_000


@given(st.floats(20, 20_000))
def test_a_rush_that_the_database_is_made_for_refuses_nobody(spare: float) -> None:
    found = model.morning(COMERS, COMERS / model.HABITS.rush_seconds + spare)
    assert found.shed == 0
    assert found.longest <= model.SHED_AFTER


@given(st.floats(50, 400))
def test_a_smaller_database_answers_all_later_and_lets_nobody_wait_longer(capacity: float) -> None:
    found, larger = model.morning(COMERS, capacity), model.morning(COMERS, capacity * 2)
    assert found.until >= COMERS / capacity * 0.99
    assert found.until >= larger.until
    assert found.shed >= larger.shed
    assert found.longest <= model.SHED_AFTER + model.STEP


def test_the_document_shows_the_figures_of_the_last_whole_run() -> None:
    found = model.PLACE.search(model.DOCUMENT.read_text(encoding="utf-8"))
    assert found
    assert found[0] == model.text()
