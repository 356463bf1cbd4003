"""How every test runs: Hypothesis without a clock, since machines are noisy."""

from hypothesis import settings

# The rest is as Hypothesis chose: where the variable CI is set, examples repeat from run to run.
settings.register_profile("xlflow", deadline=None)
settings.load_profile("xlflow")
