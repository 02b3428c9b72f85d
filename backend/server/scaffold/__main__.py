"""`python -m server.scaffold NOUN`."""

import sys

from server.scaffold import main

sys.exit(main())
