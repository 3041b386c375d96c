"""The configuration: its tree, and how it is read from TOML."""

from sms_service.settings.load import SettingsError, load_settings
from sms_service.settings.tree import (
    BindMode,
    Journal,
    Keys,
    Limits,
    Ops,
    Population,
    Redis,
    Settings,
    Smsc,
    Subscribers,
    Syntax,
)

__all__ = [
    "BindMode",
    "Journal",
    "Keys",
    "Limits",
    "Ops",
    "Population",
    "Redis",
    "Settings",
    "SettingsError",
    "Smsc",
    "Subscribers",
    "Syntax",
    "load_settings",
]
