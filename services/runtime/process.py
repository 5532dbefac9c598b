"""One stage's process: ``python -m services.runtime.process STAGE``. The supervisor starts it and starts it again.

What it does is in ``app``. It is imported only here, since each NLP process imports the main module of the process that started it:
with Faust and its clients it would take 0.5 s longer to start, and 30 MB more.
"""

import sys

if __name__ == "__main__":
    from services.runtime.app import main

    main(sys.argv[1])
