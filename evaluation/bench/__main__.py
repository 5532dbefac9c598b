"""``python -m evaluation.bench TASK [--documents N]``. The last line on stdout is JSON."""

import sys

from evaluation.command import bench

if __name__ == "__main__":
    sys.exit(bench(sys.argv[1:]))
