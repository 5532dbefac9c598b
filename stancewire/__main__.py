"""The command ``stancewire``, also as ``python -m stancewire``."""

from services.cli import main

if __name__ == "__main__":
    main()
