"""The vault: what it seals opens only with the right key, in the right place, unchanged."""

import base64
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from libs.service.secrets import KeyRing, SecretUnreadable, Vault, new_key_ring
from libs.service.settings import ServiceSettings


def ring(current: str, **keys: bytes) -> KeyRing:
    return KeyRing(current, keys)


OLD, NEW = b"o" * 32, b"n" * 32


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, context: str) -> None:
    vault = Vault(ring("k1", k1=OLD))
    sealed = vault.seal(plain, context)
    assert vault.open(sealed, context) == plain
    assert len(plain) < 8 or plain not in sealed


def test_sealing_twice_gives_different_bytes() -> None:
    vault = Vault(ring("k1", k1=OLD))
    assert vault.seal(b"x", "a") != vault.seal(b"x", "a")


def test_moved_to_another_place_it_does_not_open() -> None:
    vault = Vault(ring("k1", k1=OLD))
    with pytest.raises(SecretUnreadable):
        vault.open(vault.seal(b"x", "grant/1"), "grant/2")


def test_every_changed_byte_is_noticed() -> None:
    vault = Vault(ring("k1", k1=OLD))
    sealed = vault.seal(b"secret", "c")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SecretUnreadable):
            vault.open(bytes(changed), "c")


@pytest.mark.parametrize("length", [0, 1, 2, 10, 60])
def test_cut_off_bytes_are_refused(length: int) -> None:
    vault = Vault(ring("k1", k1=OLD))
    with pytest.raises(SecretUnreadable):
        vault.open(vault.seal(b"secret", "c")[:length], "c")


def test_rotation_keeps_old_secrets_readable_until_rewrapped() -> None:
    before = Vault(ring("old", old=OLD))
    during = Vault(ring("new", old=OLD, new=NEW))
    after = Vault(ring("new", new=NEW))
    sealed = before.seal(b"secret", "c")
    assert not during.is_current(sealed)
    moved = during.rewrap(sealed, "c")
    assert during.is_current(moved)
    assert after.open(moved, "c") == b"secret"
    with pytest.raises(SecretUnreadable, match="old"):
        after.open(sealed, "c")


def test_the_ring_comes_from_the_variable_or_the_file(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(new_key_ring("filed"))
    both = ServiceSettings(vault_keys=SecretStr(new_key_ring("k1")), vault_keys_file=file)
    assert KeyRing.from_settings(both).current == "k1"
    filed = ServiceSettings(vault_keys=None, vault_keys_file=file)
    assert KeyRing.from_settings(filed).current == "filed"
    with pytest.raises(ValueError, match="VAULT_KEYS"):
        KeyRing.from_settings(ServiceSettings(vault_keys=None, vault_keys_file=None))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '"k"',
        "{}",
        '{"current": "k", "keys": {"k": "hunter2!"}}',
        '{"current": "k", "keys": {"k": 7}}',
        json.dumps({"current": "k", "keys": {"k": base64.b64encode(b"hunter2!").decode()}}),
        json.dumps({"current": "j", "keys": {"k": base64.b64encode(OLD).decode()}}),
    ],
)
def test_a_broken_ring_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        KeyRing.parse(text)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_keys_are_not_in_the_repr() -> None:
    assert "ooo" not in repr(Vault(ring("k1", k1=OLD)))
