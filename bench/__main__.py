"""`python -m bench [NAME …]`: measure all figures, or the named ones."""

import sys
import tempfile
from pathlib import Path

from bench import billing_ops, chippot, core_speed, pages, roster, sockets


def main() -> int:
    known = {**billing_ops.ALL, **chippot.ALL, **core_speed.ALL, **pages.ALL, **roster.ALL, **sockets.ALL}
    wanted = sys.argv[1:] or list(known)
    if unknown := [name for name in wanted if name not in known]:
        sys.stderr.write(f"no such figure: {', '.join(unknown)}; there are {', '.join(known)}\n")
        return 2
    for work in dict.fromkeys(known[name] for name in wanted):
        with tempfile.TemporaryDirectory() as folder:
            work(Path(folder))
    return 0


sys.exit(main())
