"""UNSET: the default of a field that an edit leaves as it is, as opposed to one that it makes blank."""

from enum import Enum
from typing import Literal, TypeAlias


class _Unset(Enum):
    UNSET = "unset"


UNSET = _Unset.UNSET
Unset: TypeAlias = Literal[_Unset.UNSET]
