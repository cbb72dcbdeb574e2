"""What a button of the ribbon says to Excel while it works, and what Excel answers.

A command is a generator: it yields what Excel must show or ask, is sent the answer, and returns the closing sentence
(empty for none).  VBA runs it a step at a time, so Excel stays alive, the status bar tells what goes on, and Esc closes
the generator, whose `finally` blocks put everything back.  What the user can mend is raised as a `FocalError`.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final, TypeAlias

YES: Final = "yes"
NO: Final = "no"


@dataclass(frozen=True)
class Progress:
    """One line for the status bar."""

    text: str


@dataclass(frozen=True)
class Ask:
    """A question answered `YES` or `NO`."""

    text: str


@dataclass(frozen=True)
class Input:
    """A question answered with text; "" takes the default, and cancelling ends the command."""

    text: str
    default: str = ""


Conversation: TypeAlias = Generator[Progress | Ask | Input, str, str]
