"""``python -m evaluation TASK [--data PATH]``: how right a stage is. The last line on stdout is JSON."""

import sys

from evaluation.command import evaluate

if __name__ == "__main__":
    sys.exit(evaluate(sys.argv[1:]))
