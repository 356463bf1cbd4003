"""``python -m xlflow`` is ``xlflow``."""

from xlflow.cli import main

if __name__ == "__main__":
    main()
