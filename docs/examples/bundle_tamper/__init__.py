"""Ways to tamper with a minsheng bundle."""

from . import files, rows, places, doors  # registers what is in them
from .work import TAMPERINGS, Work
