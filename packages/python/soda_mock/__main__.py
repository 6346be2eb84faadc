"""`python -m soda_mock` is the command `soda-mock`."""

import subprocess
import sys

from .binary import MissingBinary, find_binary

try:
    sys.exit(subprocess.call([find_binary(), *sys.argv[1:]]))
except MissingBinary as missing:
    sys.exit(f"soda-mock: {missing}")
