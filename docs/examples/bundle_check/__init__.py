"""A checker of minsheng bundles, written from docs/certificates.md alone."""

from .values import *
from .rules import *
from .folder import *
from .rows import *
from .market import *
from .figures import *
from .receipt import *
