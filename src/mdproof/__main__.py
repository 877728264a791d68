"""The command line: prove, assemble, show."""

import sys

from mdproof.command import main

if __name__ == "__main__":
    sys.exit(main())
