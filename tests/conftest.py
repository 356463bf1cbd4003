"""How every test runs, and what many of them start from."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import settings

# No deadline, since machines are noisy. The rest is as Hypothesis chose: where the
# variable CI is set, examples repeat from run to run.
settings.register_profile("xlflow", deadline=None)
settings.load_profile("xlflow")


@pytest.fixture(scope="session")
def sample_files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The sample teams' workbooks by file name, in Chinese, with the default settings."""
    # Not at the top: the tests under Wine are started where xlflow's dependencies are missing.
    from xlflow.config import Settings
    from xlflow.templates.samples import write_samples

    folder = tmp_path_factory.mktemp("samples")
    return {path.name: path.read_bytes() for path in write_samples(folder, Settings(), "zh")}
