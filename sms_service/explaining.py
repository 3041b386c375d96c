# ruff: noqa: PLC0415
"""What the commands share: a configuration, exit codes, and that what a person must mend is said in a sentence, not in a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

if TYPE_CHECKING:
    from sms_service.settings import Settings

NOT_WELL: Final = 1
REFUSED: Final = 2

config_option = click.option(
    "--config", "config", type=click.Path(path_type=Path), required=True, help="The configuration file (TOML)."
)


def settings_of(config: Path) -> Settings:
    """The settings in a file.

    Raises:
        SettingsError: see there.
    """
    from sms_service.settings import load_settings

    return load_settings(config)


def refuse(message: str) -> NoReturn:
    """End with a sentence."""
    click.echo(f"sms-service: {message}", err=True)
    sys.exit(REFUSED)


@contextmanager
def explained() -> Iterator[None]:
    """Ends with what the configuration, the keys, the syntax or a store lacks."""
    from sms_service.keys import KeyFileError
    from sms_service.ports import PortError
    from sms_service.settings import SettingsError
    from syntax import SyntaxFileError

    try:
        yield
    except (SettingsError, KeyFileError, SyntaxFileError, PortError) as error:
        refuse(str(error))
