"""The file: what is written is read, up to wherever it was cut."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.capture import recording
from simulator.capture.recording import Full, Header, Kind, NotARecording, Reader, Record, Writer, create, pack
from sms_service.smpp import Role

HEADER = Header(
    started="2026-01-01T00:00:00+07:00", listen="127.0.0.1:1", to="127.0.0.1:2", secrets=False, personal_data=True
)

records = st.lists(
    st.builds(
        Record,
        st.integers(0, 2**64 - 1),
        st.integers(0, 2**32 - 1),
        st.sampled_from(Role),
        st.sampled_from(Kind),
        st.binary(max_size=50),
    ),
    max_size=6,
)


def written(items, max_octets=10**9):
    file = io.BytesIO()
    writer = Writer(file, HEADER, max_octets)
    for item in items:
        writer.write(item)
    assert writer.octets == len(file.getvalue())
    return file.getvalue()


@given(records)
def test_round_trip(items):
    """What was written comes back."""
    reader = Reader(io.BytesIO(written(items)))
    assert (reader.header, list(reader), reader.problem) == (HEADER, items, None)


@given(records, st.data())
def test_cut_anywhere(items, data):
    """All whole records before the cut are read, and the cut is told unless it lies between two records."""
    whole = written(items)
    first = len(written([]))
    cut = data.draw(st.integers(first, len(whole)))
    reader = Reader(io.BytesIO(whole[:cut]))
    read = list(reader)
    assert read == items[: len(read)]
    boundaries = [first]
    for item in items:
        boundaries.append(boundaries[-1] + len(pack(item)))
    assert len(read) == sum(end <= cut for end in boundaries[1:])
    assert (reader.problem is None) == (cut in boundaries)


@given(st.binary(max_size=300))
def test_any_octets_behind_the_header(octets):
    """Damage is told, never raised."""
    reader = Reader(io.BytesIO(written([]) + octets))
    assert sum(len(pack(record)) for record in reader) == len(octets) or reader.problem


@given(st.binary(max_size=200))
def test_other_files(octets):
    """A file that is no recording is refused by name."""
    with pytest.raises(NotARecording):
        Reader(io.BytesIO(octets))


def test_version_is_checked(monkeypatch):
    """A later version is not guessed at."""
    whole = written([])
    monkeypatch.setattr(recording, "VERSION", 2)
    with pytest.raises(NotARecording, match="version 1"):
        Reader(io.BytesIO(whole))


def test_size_is_bounded():
    """The record that is too much is not written."""
    record = Record(1, 1, Role.ESME, Kind.PDU, bytes(100))
    size = len(written([record]))
    assert len(written([record], size)) == size
    with pytest.raises(Full):
        written([record], size - 1)


def test_file_is_its_owner_s_alone(tmp_path):
    """It may hold personal data; and none is overwritten."""
    with create(tmp_path / "a"):
        pass
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        create(tmp_path / "a")


def test_repr_shows_no_octets():
    """They are a citizen's."""
    assert "secret" not in repr(Record(0, 1, Role.ESME, Kind.PDU, b"secret"))
