"""Ways to tamper with a minsheng bundle."""

from . import files, rows, places, doors, closings  # registers what is in them
from .work import TAMPERINGS, Work
