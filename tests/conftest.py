"""How every test runs: Hypothesis without a clock, since machines are noisy."""

from hypothesis import settings

# Built on what Hypothesis chose: where the variable CI is set, examples repeat from run to run.
chosen = settings.get_profile(settings.get_current_profile_name())
settings.register_profile("xlflow", chosen, deadline=None)
settings.load_profile("xlflow")
