"""Every error a person can cause, each with a stable code; the leaves by area, the kinds in base.py.

A use case raises a leaf and has then changed nothing. What the person reads is `errors.<code>` in the catalogs.
"""

from core.errors.access import *
from core.errors.base import *
from core.errors.billing import *
from core.errors.chippot import *
from core.errors.dates import *
from core.errors.fields import *
from core.errors.links import *
from core.errors.machine import *
from core.errors.members import *
from core.errors.money import *
from core.errors.named import *
from core.errors.notices import *
from core.errors.payments import *
from core.errors.plans import *
from core.errors.proofs import *
from core.errors.roster_files import *
