"""The operators' page names what is there."""

import re
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
TEXT = (DEPLOY / "README.md").read_text("utf-8")


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", TEXT)
    assert len(links) > 5
    assert [link for link in links if not (DEPLOY / link).exists()] == []


def test_files_that_are_named_are_there():
    """By their place in the checkout, or beside the page."""
    named = set(
        re.findall(r"(?<![\w/.])((?:deploy/)?(?:compose|sql|systemd|kubernetes|config|migrate)/[\w@./-]*\w)", TEXT)
    )
    assert len(named) > 8
    roots = (DEPLOY.parent, DEPLOY, DEPLOY / "kubernetes")
    assert {name for name in named if not any((root / name).exists() for root in roots)} == set()


def test_every_variable_that_is_named_is_read():
    """By the gateway, by compose or by the statements."""
    read = "".join(
        path.read_text("utf-8")
        for path in [*(DEPLOY / "sql").iterdir(), *(DEPLOY.parent / "sms_service" / "settings").glob("*.py")]
    )
    named = {name.removesuffix("_FILE") for name in re.findall(r"\bSMS_[A-Z_]+[A-Z]\b", TEXT)}
    assert {"SMS_JOURNAL_DSN", "SMS_PASSWORDS"} <= named
    assert {name for name in named if name not in read} == set()
