"""Reading a configuration: a good one becomes a tree, a bad one is refused with line, key and what is expected."""

import pytest

from sms_service.settings import BindMode, SettingsError, load_settings
from sms_service.sms.alphabets import Alphabet
from sms_service.sms.segments import LongMessages

SECRET = "hunter2"

LEAST = f"""\
instance = "gateway-1"
[journal]
dsn = "postgresql://sms:{SECRET}@db/journal"
[population]
dsn = "postgresql://sms:{SECRET}@replica/population"
query = "SELECT * FROM citizen WHERE citizen_id = ANY($1::text[])"
[subscribers]
url = "https://register.example"
[syntax]
file = "c06.toml"
[keys]
file = "sms.keys"
[[smsc]]
name = "viettel"
host = "smsc.example"
port = 2775
system_id = "c06"
password = "{SECRET}"
"""


@pytest.fixture
def load(tmp_path):
    """Write a configuration and load it."""

    def write_and_load(text, environ=None):
        (tmp_path / "config.toml").write_text(text, "utf-8")
        return load_settings(tmp_path / "config.toml", environ or {})

    return write_and_load


@pytest.fixture
def refused(load, tmp_path):
    """Load a configuration that is bad; what the error says behind the file's name."""

    def refuse(text, environ=None):
        with pytest.raises(SettingsError) as caught:
            load(text, environ)
        message = str(caught.value)
        file, _, rest = message.partition("config.toml:")
        assert file == f"{tmp_path}/"
        assert SECRET not in rest
        assert caught.value.__cause__ is None  # no cause prints what the text leaves out
        return rest

    return refuse


# ---- good ones -----------------------------------------------------------------------------------------------------------


def test_the_least(load, tmp_path):
    """What must be given is little; the rest has defaults, and file names are relative to the configuration's folder."""
    settings = load(LEAST)
    assert settings.instance == "gateway-1"
    assert settings.redis is None
    assert settings.syntax.file == str(tmp_path / "c06.toml")
    assert settings.keys.file == str(tmp_path / "sms.keys")
    assert settings.ops.listen == "127.0.0.1:8081"
    assert settings.ops.token_file == ""
    assert settings.ops.trace is False
    assert settings.limits.quota == 20
    assert settings.limits.answer_deadline_s == 120
    assert settings.limits.duplicate_window_s == 300
    (smsc,) = settings.smsc
    assert (smsc.bind, smsc.binds, smsc.window, smsc.tls) == (BindMode.TRX, 2, 100, False)
    assert smsc.password == SECRET
    assert (smsc.rebind_min_s, smsc.rebind_max_s) == (0.1, 5.0)


def test_every_key_of_an_smsc(load):
    """The keys that an operator's interface specification asks for."""
    settings = load(
        LEAST
        + """\
system_type = "VAS"
tls = true
bind = "tx+rx"
binds = 4
window = 50
mt_per_second = 100
default_alphabet = "latin1"
long_messages = "sar"
source_ton = 0
source_npi = 1
receipts = true

[[smsc]]
name = "mobifone"
host = "10.0.0.1"
port = 2776
system_id = "c06"
long_messages = "payload"
"""
    )
    first, second = settings.smsc
    assert (first.system_type, first.tls, first.bind, first.binds, first.window) == ("VAS", True, BindMode.TX_RX, 4, 50)
    assert (first.mt_per_second, first.default_alphabet) == (100.0, Alphabet.LATIN1)
    assert (first.long_messages, second.long_messages) == (LongMessages.SAR, LongMessages.PAYLOAD)
    assert (first.source_ton, first.source_npi, first.receipts) == (0, 1, True)
    assert second.password == ""


def test_password_from_a_file(load, tmp_path):
    """`password_file` is relative to the configuration's folder; the line's end is no part of the password."""
    (tmp_path / "viettel.password").write_text("pa ss\r\n")
    settings = load(LEAST.replace(f'password = "{SECRET}"', 'password_file = "viettel.password"'))
    assert settings.smsc[0].password == "pa ss"


def test_secrets_from_the_environment(load):
    """Variables stand in for the keys that hold secrets, whether these stand in the file or not."""
    settings = load(
        LEAST.replace(f'dsn = "postgresql://sms:{SECRET}@db/journal"\n', "").replace('"viettel"', '"viettel-2"'),
        {
            "SMS_JOURNAL_DSN": "postgresql:///journal",
            "SMS_POPULATION_DSN": "postgres:///population",
            "SMS_REDIS_URL": "rediss://cache/0",
            "SMS_VIETTEL_2_PASSWORD": "other",
        },
    )
    assert settings.journal.dsn == "postgresql:///journal"
    assert settings.population.dsn == "postgres:///population"
    assert settings.redis.url == "rediss://cache/0"
    assert settings.smsc[0].password == "other"


def test_an_instance_that_shares_the_file_with_others(load):
    """Its name comes from where it runs, such as a pod's name; what is given nothing keeps the file's."""
    assert load(LEAST, {"SMS_INSTANCE": "gateway-7"}).instance == "gateway-7"
    assert load(LEAST.replace('instance = "gateway-1"\n', ""), {"SMS_INSTANCE": "gateway-7"}).instance == "gateway-7"


def test_secrets_from_files_that_the_environment_names(load, tmp_path):
    """As Docker, Kubernetes and systemd hand them over; a relative name is relative to the configuration's folder."""
    (tmp_path / "dsn").write_text("postgresql:///journal\n")
    (tmp_path / "password").write_text("other\r\n")
    settings = load(
        LEAST.replace(f'dsn = "postgresql://sms:{SECRET}@db/journal"\n', ""),
        {
            "SMS_JOURNAL_DSN_FILE": str(tmp_path / "dsn"),
            "SMS_POPULATION_DSN_FILE": "",
            "SMS_VIETTEL_PASSWORD_FILE": "password",
        },
    )
    assert settings.journal.dsn == "postgresql:///journal"
    assert settings.population.dsn == f"postgresql://sms:{SECRET}@replica/population"
    assert settings.smsc[0].password == "other"


def test_nothing_shows_a_secret(load):
    """No part of the tree has its values in its repr."""
    settings = load(LEAST + '[redis]\nurl = "redis://:hunter2@cache"\n')
    parts = (settings, settings.journal, settings.population, settings.redis, settings.subscribers, settings.smsc)
    assert SECRET not in "".join(f"{part!r}{part}" for part in parts)


# ---- bad ones ------------------------------------------------------------------------------------------------------------


def line_of(fragment, text=LEAST):
    """The line on which it stands."""
    return next(number for number, line in enumerate(text.splitlines(), 1) if fragment in line)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("port = 2775", 'port = "2775"', "port", "smsc[0].port: expected a whole number, got text in quotes."),
        ("port = 2775", "port = 99999", "port", "smsc[0].port: expected a whole number <= 65535."),
        ("port = 2775", "prot = 2775", "prot", "smsc[0].prot: this key is unknown here; did you mean port?"),
        ("port = 2775", "xyzzy = 2775", "xyzzy", "smsc[0].xyzzy: this key is unknown here."),
        ("port = 2775\n", "", "[[smsc]]", "smsc[0].port: this key is missing."),
        ("port = 2775", "port = 2775\ntls = 'yes'", "tls", "smsc[0].tls: expected true or false, got text in quotes."),
        ("port = 2775", "port = 2775\nbind = 'rx'", "bind", 'smsc[0].bind: expected "trx" or "tx+rx".'),
        (
            "port = 2775",
            "port = 2775\nlong_messages = 'split'",
            "long_messages",
            'smsc[0].long_messages: expected "udh" or "udh16" or "sar" or "payload".',
        ),
        (
            "port = 2775",
            "port = 2775\ndefault_alphabet = 'utf-8'",
            "default_alphabet",
            'smsc[0].default_alphabet: expected "gsm" or "latin1" or "ascii" or "ucs2".',
        ),
        ('"viettel"', '"Viettel 1"', "name", "smsc[0].name: expected at most 32 of a-z, 0-9, _ and -."),
        ('"smsc.example"', '"smsc example"', "host", "smsc[0].host: expected a host's name or address."),
        ('"smsc.example"', f'"{"a" * 64}.example"', "host", "smsc[0].host: expected a host's name or address."),
        ('"c06"', '"công an"', "system_id", "smsc[0].system_id: expected printable ASCII."),
        (f'"{SECRET}"', f'"{SECRET}{SECRET}"', "password", "smsc[0].password: expected text in quotes of length <= 8."),
        (f'"{SECRET}"', '"mật"', "password", "smsc[0].password: expected printable ASCII."),
        ("[journal]", "[jurnal]", "[jurnal]", "jurnal: this key is unknown here; did you mean journal?"),
        ('[keys]\nfile = "sms.keys"\n', "", "instance", "keys: this key is missing."),
        ("[[smsc]]", "[smsc]", "[smsc]", "smsc: expected an array of tables, [[smsc]], got a table."),
        (
            '"postgresql://sms:hunter2@db/journal"',
            '"db/hunter2"',
            "dsn",
            "journal.dsn: expected postgresql://USER@HOST:PORT/DATABASE.",
        ),
        (
            '"https://register.example"',
            '"register"',
            "url",
            "subscribers.url: expected http://HOST:PORT or https://HOST.",
        ),
        ("[syntax]", "[redis]\nurl = 'cache'\n[syntax]", "url = 'cache'", "redis.url: expected redis://HOST:PORT/DB,"),
        ("[syntax]", "[ops]\nlisten = '8081'\n[syntax]", "listen", "ops.listen: expected HOST:PORT,"),
        ("[syntax]", "[ops]\nlisten = 'all:99999'\n[syntax]", "listen", "ops.listen: expected HOST:PORT,"),
        ("[syntax]", "[ops]\ntrace = 'yes'\n[syntax]", "trace", "ops.trace: expected true or false,"),
        ("[syntax]", "[limits]\nbatch = 0\n[syntax]", "batch", "limits.batch: expected a whole number >= 1."),
        ("[syntax]", "[limits]\nhold_s = inf\n[syntax]", "hold_s", "limits.hold_s: expected a number <= 86400.0."),
        ("[syntax]", "[limits]\nhold_s = nan\n[syntax]", "hold_s", "limits.hold_s: expected a number > 0.0."),
        ("[syntax]", "limits.batch = 0\n[syntax]", "limits.batch", "subscribers.limits: this key is unknown here"),
        ("[journal]", "limits.batch = 0\n[journal]", "limits.batch", "limits.batch: expected a whole number >= 1."),
        ("[journal]", "limits = {batch = 0}\n[journal]", "limits", "limits.batch: expected a whole number >= 1."),
        (
            "[keys]",
            "[limits]\nanswer_fresh_s = 15\n[keys]",
            "answer_fresh_s",
            "limits.answer_fresh_s: expected more than",
        ),
        ("port = 2775", "port = 2775\nrebind_min_s = 9", "rebind_min_s", "smsc[0].rebind_min_s: expected at most"),
        ("port = 2775", "port = 2775\ntls_ca_file = 'x'", "tls_ca", "smsc[0].tls_ca_file: stands without tls = true."),
        (
            "port = 2775",
            "port = 2775\ntls = true\ntls_ca_file = 'x'",
            "tls_ca",
            "smsc[0].tls_ca_file: expected a file of certificates in PEM (No such file or directory).",
        ),
        (
            f'password = "{SECRET}"',
            "password_file = 'x'",
            "password_file",
            "smsc[0].password_file: the file cannot be read (No such file or directory).",
        ),
        (
            f'password = "{SECRET}"',
            f"password = '{SECRET}'\npassword_file = 'x'",
            "password_file",
            "smsc[0].password_file: stands beside password; one of them is enough.",
        ),
    ],
)
def test_what_is_wrong(refused, old, new, line, says):
    """Line, key and what is expected, never the value that stands there."""
    text = LEAST.replace(old, new)
    assert text != LEAST
    number, _, rest = refused(text).partition(": ")
    assert rest.startswith(says)
    assert int(number) == line_of(line, text)


def test_the_second_smsc_is_named(refused):
    """A fault in the second of two SMSCs has its number and its line."""
    text = LEAST + '[[smsc]]\nname = "other"\nhost = "h"\nport = 0\nsystem_id = "x"\n'
    assert refused(text) == f"{line_of('port = 0', text)}: smsc[1].port: expected a whole number >= 1."


@pytest.mark.parametrize(("first", "second"), [("viettel", "viettel"), ("viet-tel", "viet_tel")])
def test_two_smscs_of_one_name(refused, first, second):
    """Names must differ, and so must the variables that may hold their passwords."""
    text = LEAST.replace('"viettel"', f'"{first}"') + LEAST[LEAST.index("[[smsc]]") :].replace("viettel", second)
    assert refused(text).partition(": ")[2].startswith("smsc[1].name: two SMSCs have this name")


def test_a_secret_from_elsewhere_is_named(refused, tmp_path):
    """When what is wrong came from a file or a variable, that is named."""
    (tmp_path / "viettel.password").write_text("far too long hunter2")
    text = LEAST.replace(f'password = "{SECRET}"', 'password_file = "viettel.password"')
    expected = "smsc[0].password (from {}): expected text in quotes of length <= 8."
    assert refused(text).partition(": ")[2] == expected.format("viettel.password")
    from_variable = refused(text, {"SMS_VIETTEL_PASSWORD": "hunter2hunter2"})
    assert from_variable.partition(": ")[2] == expected.format("SMS_VIETTEL_PASSWORD")
    journal = refused(LEAST, {"SMS_JOURNAL_DSN": "hunter2"}).partition(": ")[2]
    assert journal.startswith("journal.dsn (from SMS_JOURNAL_DSN): expected postgresql://")


def test_a_file_that_a_variable_names_wrongly(refused, tmp_path):
    """The variable is named with the cause, and so is a fault in what the file holds; a value given twice is refused."""
    line = line_of(f'dsn = "postgresql://sms:{SECRET}@db')
    gone = refused(LEAST, {"SMS_JOURNAL_DSN_FILE": str(tmp_path / "none")})
    assert gone == (
        f"{line}: journal.dsn: the file that SMS_JOURNAL_DSN_FILE names cannot be read (No such file or directory)."
    )
    (tmp_path / "dsn").write_text("hunter2")
    bad = refused(LEAST, {"SMS_JOURNAL_DSN_FILE": "dsn"})
    assert bad.startswith(f"{line}: journal.dsn (from SMS_JOURNAL_DSN_FILE): expected postgresql://")
    twice = refused(LEAST, {"SMS_JOURNAL_DSN": "hunter2", "SMS_JOURNAL_DSN_FILE": "dsn"})
    assert twice == (
        f"{line}: journal.dsn: SMS_JOURNAL_DSN and SMS_JOURNAL_DSN_FILE are both set; one of them is enough."
    )


def test_a_bad_name_from_the_environment(refused):
    """It is named with the variable and with what a name is."""
    says = refused(LEAST, {"SMS_INSTANCE": "Gateway 1"})
    assert says == "1: instance (from SMS_INSTANCE): expected at most 32 of a-z, 0-9, _ and -."


def test_a_password_file_of_another_kind(refused, tmp_path):
    """Octets that are no UTF-8 are named as such, not shown."""
    (tmp_path / "viettel.password").write_bytes(b"\xff\xfe")
    text = LEAST.replace(f'password = "{SECRET}"', 'password_file = "viettel.password"')
    assert "smsc[0].password_file: the file cannot be read (UnicodeDecodeError)" in refused(text)


def test_a_ca_file_of_another_kind(refused, tmp_path):
    """A file that holds no certificate is refused when the configuration is read, not when the bind is tried."""
    (tmp_path / "ca.pem").write_text("no certificate")
    text = LEAST + 'tls = true\ntls_ca_file = "ca.pem"\n'
    assert "smsc[0].tls_ca_file: expected a file of certificates in PEM" in refused(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('instance = "a"\npassword = hunter2\n', "2: not TOML: Invalid value."),
        ('instance = "a"\npassword = "hunter2\n', "2: not TOML: Illegal character '\\n'."),
        ('password = "hunter2', "1: not TOML: Unterminated string."),
        ("[a]\n[a]\n", "2: not TOML: Cannot declare ('a',) twice."),
    ],
)
def test_not_toml(refused, text, says):
    """A file that is no TOML is refused with the line."""
    assert refused(text) == says


@pytest.mark.parametrize("text", ['journal = "x"\n', "smsc = 5\n", "smsc = [5]\n", "journal = []\n"])
def test_sections_of_another_kind(refused, text):
    """Values where tables belong are refused like any other, with secrets in the environment too."""
    environ = {"SMS_JOURNAL_DSN": "postgresql:///hunter2", "SMS_VIETTEL_PASSWORD": SECRET}
    assert refused(text, environ)


def test_no_file(tmp_path):
    """A missing file is named, with where an example stands."""
    with pytest.raises(SettingsError, match=r"none\.toml: no such file\. `sms-service run --help`"):
        load_settings(tmp_path / "none.toml")


def test_a_folder(tmp_path):
    """A path that cannot be read says why."""
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_settings(tmp_path)


def test_another_encoding(tmp_path):
    """TOML is UTF-8; octets that are not are not shown."""
    (tmp_path / "config.toml").write_bytes(b'instance = "\xff"')
    with pytest.raises(SettingsError, match=r"not TOML: it is not written in UTF-8\.$"):
        load_settings(tmp_path / "config.toml")


@pytest.mark.parametrize("url", ["redis://cache:abc/0", "redis://cache/xyz", "redis:///0", "redis://cache:0"])
def test_a_redis_address_that_names_no_server(load, url):
    """Found when the file is read, not when the first batch meets it."""
    with pytest.raises(SettingsError, match=r"redis\.url: expected"):
        load(LEAST + f'[redis]\nurl = "{url}"\n')


@pytest.mark.parametrize(
    "url", ["redis://cache", "redis://cache:6379/0", "rediss://u:p@cache/1", "unix:///run/v.sock?db=0"]
)
def test_a_redis_address_that_names_one(load, url):
    """Host, port and database, or a socket."""
    assert load(LEAST + f'[redis]\nurl = "{url}"\n').redis.url == url


def test_a_rate_without_end_is_no_rate(load):
    """TOML has inf; an operator's limit is a number."""
    with pytest.raises(SettingsError, match="mt_per_second"):
        load(LEAST.replace("port = 2775", "port = 2775\nmt_per_second = inf"))
