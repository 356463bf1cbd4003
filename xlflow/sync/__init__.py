"""The story: a pass over the teams' folder, and the figures of a month."""
