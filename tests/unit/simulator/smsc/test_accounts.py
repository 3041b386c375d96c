"""Accounts: what the command line says of them, who may bind, who receives what."""

import pytest

from simulator.smsc.accounts import Account, Accounts, parse_account
from sms_service.smpp import BindTransceiver, CommandStatus


def test_account_with_default_short_code():
    """An account without short codes owns the one of the reference syntax."""
    assert parse_account("gateway:secret") == Account("gateway", "secret", ("5505",))


def test_account_with_short_codes():
    """Short codes stand behind a second colon, joined by commas."""
    assert parse_account("bank:pw:8079,8179") == Account("bank", "pw", ("8079", "8179"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gateway", "SYSTEM_ID:PASSWORD"),
        (":secret", "SYSTEM_ID:PASSWORD"),
        ("a:b:1:2", "SYSTEM_ID:PASSWORD"),
        ("sixteen-letters-x:pw", "at most 15"),
        ("gateway:ninechars", "password 8"),
        ("gatewäy:pw", "ASCII"),
        ("gateway:pw:55x5", "digits"),
        ("gateway:pw:", "digits"),
    ],
)
def test_bad_accounts_are_explained(text, said):
    """What SMPP cannot carry, or is no account at all, is refused with what is expected."""
    with pytest.raises(ValueError, match=said):
        parse_account(text)


def test_repr_hides_the_password():
    """A log line with an account has no password in it."""
    assert "secret" not in repr(Account("gateway", "secret"))


def test_bind_checks():
    """The right pair is let in; an unknown name and a wrong password have a status each."""
    account = Account("gateway", "secret")
    accounts = Accounts([account])
    assert accounts.check(BindTransceiver(system_id="gateway", password="secret")) is account
    assert accounts.check(BindTransceiver(system_id="nobody", password="secret")) is CommandStatus.ESME_RINVSYSID
    assert accounts.check(BindTransceiver(system_id="gateway", password="Secret")) is CommandStatus.ESME_RINVPASWD


def test_first_owner_of_a_short_code_receives():
    """Where two accounts share a short code its messages go to the first; an unknown code belongs to nobody."""
    first, second = Account("a", "x", ("5505",)), Account("b", "x", ("5505", "8079"))
    accounts = Accounts([first, second])
    assert accounts.owner("5505") is first
    assert accounts.owner("8079") is second
    assert accounts.owner("1414") is None
