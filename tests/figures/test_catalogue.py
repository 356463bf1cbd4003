"""The figures as declared, and targets that name one."""

from __future__ import annotations

import pytest

from xlflow.config import Settings, Target
from xlflow.errors import SettingsError
from xlflow.figures.catalogue import FIGURES, FigureUnit, check_targets


def targets(figure: str) -> Settings:
    return Settings(targets={"逾期": Target(figure, 0.3, 0.1)})


def test_every_number_may_have_a_target() -> None:
    for figure in FIGURES:
        if figure.unit not in (FigureUnit.LIST, FigureUnit.STATE):
            check_targets(targets(figure.key))


@pytest.mark.parametrize("figure", ["overdue_rat", "metrics", "handed_in", "逾期率", ""])
def test_a_target_for_no_number_is_refused_with_the_nearest(figure: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_targets(targets(figure))
    assert refused.value.key == "settings_figure"
    assert refused.value.params["figure"] == figure
    if figure == "overdue_rat":
        assert refused.value.params["near"] == "overdue_rate"
