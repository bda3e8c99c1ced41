"""What a program of ours does not answer, said by name and in the manner of Slurm's."""

from __future__ import annotations


class Refused(Exception):
    """The call asks for what is not answered, or names what is not there.

    `bare` messages are printed as they are: some of Slurm's programs begin them with another name.
    """

    def __init__(self, message: str, *, bare: bool = False) -> None:
        super().__init__(message)
        self.bare = bare

    def text_of(self, program: str) -> str:
        """Return the message as the program prints it."""
        return str(self) if self.bare else f"{program}: error: {self}"


def unanswered(what: str) -> Refused:
    """Return the refusal of an option, a field or a verb that Slurm may have and we have not."""
    return Refused(f"{what} is not answered here; `tendik shims --help` names the documentation")
