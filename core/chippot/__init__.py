"""Switching over from ChipPot: a club's database there becomes its books here.

`open_source` opens what was exported, `import_chippot` brings it over in one transaction and compares.
History becomes ordinary bills and payments; money that was verified there posts against `opening`, so that
the pots begin with what the treasurer states. Every oddity is told in the findings of the result.
"""

from core.chippot.result import Finding, Imported, TotalLine
from core.chippot.run import import_chippot
from core.chippot.source import Source, open_source

__all__ = ["Finding", "Imported", "Source", "TotalLine", "import_chippot", "open_source"]
