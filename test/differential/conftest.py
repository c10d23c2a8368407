"""The session of the life cycle tests is used here too."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lifecycle"))
