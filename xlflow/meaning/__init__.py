"""What cells mean: quantities, deviations, priorities, dates, working days, deadlines, people.

It imports nothing of the package.

Everything here is pure: no disk, no clock, no state beyond caches. Text comes
in as people typed it, in simplified or traditional characters, full-width or
half-width, and whatever is in it, no function hangs or raises: what can't be
read with certainty is ``None`` or a named reason. Datetimes are naive local
time in the workspace's zone; a plain ``date`` is a day without a time, a
``datetime`` a moment.
"""
