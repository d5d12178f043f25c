"""The attacks of tests.abuse at full count, which takes about six minutes.

sudo python -m tests.bench.abuse
"""

from __future__ import annotations

import sys

from tests.abuse.__main__ import main

if __name__ == "__main__":
    main(sys.argv[1:])
