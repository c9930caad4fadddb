"""`python -m bot` is the same as `potkeeper`."""

import sys

from bot.cli import main

sys.exit(main())
