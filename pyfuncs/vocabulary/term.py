"""What a term is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One word of Focal.

    Attributes
    ----------
    name : as it stands in headers and arguments
    symbol : what the field's papers write; empty when they have no letter for it
    unit : in words; empty when it has none
    meaning : one or two plain sentences for a finance reader
    aliases : other headers under which a column of it is recognised
    """

    name: str
    symbol: str
    unit: str
    meaning: str
    aliases: tuple[str, ...] = ()
