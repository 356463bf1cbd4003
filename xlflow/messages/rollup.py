"""What the month's lists say beside the teams' own words."""

CATALOGUE = {
    "running": ("还没有实际值", "no actual value yet"),
}
