"""What xlflow's speed and memory are, and the commands that show it.

    python -m benchmarks [NAME ...] [--scale 0.01]

runs the benchmarks of ``BENCHMARKS`` (:mod:`benchmarks.__main__`) and writes their lines
into docs/performance.md. ``faults.py`` and ``races.py`` measure safety instead, and are
run by themselves.
"""
