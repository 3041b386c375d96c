"""What can go wrong, by whose fault and what to do about it.

    SmppError
        LocalProtocolError      ours: the call is refused and nothing has happened
            WindowFull          not now: wait for a slot
        UndecodablePdu          the peer's, and the stream lives: answer with the status it carries, go on with the next PDU
        FramingLost             the peer's, and the stream is lost: close the connection

No text of theirs quotes a value from a PDU, so each may be logged.
"""


class SmppError(Exception):
    """Everything that this package raises on purpose."""


class LocalProtocolError(SmppError):
    """The caller asked for what SMPP forbids here: a value that does not fit its field, a command that the state does not allow."""


class WindowFull(LocalProtocolError):
    """As many requests are unanswered as the window has slots."""


class UndecodablePdu(SmppError):
    """A PDU whose frame is whole and whose content is not; `command_status` is the answer that it deserves."""

    def __init__(self, command_id: int, sequence_number: int, command_status: int, problem: str) -> None:
        super().__init__(f"command_id 0x{command_id:08X}: {problem}")
        self.command_id = command_id
        self.sequence_number = sequence_number
        self.command_status = command_status


class FramingLost(SmppError):
    """A command_length that no PDU has: where the next one begins is unknown. `frames` are the whole PDUs that came before it."""

    def __init__(self, command_length: int, frames: list[bytes]) -> None:
        super().__init__(f"command_length {command_length} is no PDU's")
        self.frames = frames
