"""The figures as declared, and targets that name one."""

from __future__ import annotations

import pytest

from xlflow.config import Settings, Target
from xlflow.errors import SettingsError
from xlflow.figures.catalogue import FIGURES, FigureUnit, check_targets


def targets(figure: str) -> Settings:
    return Settings(targets={"逾期": Target(figure, 0.3, 0.1)})


def test_every_number_may_have_a_target() -> None:
    numbers = [f.key for f in FIGURES if f.unit not in (FigureUnit.LIST, FigureUnit.STATE)]
    assert len(numbers) == len(FIGURES) - 2
    for key in numbers:
        check_targets(targets(key))  # raises for anything that isn't a number


@pytest.mark.parametrize("figure", ["overdue_rat", "metrics", "handed_in", "逾期率", ""])
def test_a_target_for_no_number_is_refused_with_the_nearest(figure: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_targets(targets(figure))
    assert refused.value.key == "settings_figure"
    assert refused.value.params["figure"] == figure
    if figure == "overdue_rat":
        assert refused.value.params["near"] == "overdue_rate"
