"""Passwords: argon2id at 19 MiB, two rounds, a few at a time so that a burst of sign-ins cannot eat the memory."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret

from civmap.errors import Invalid

SHORTEST = 10
LONGEST = 200
_COST = {"time_cost": 2, "memory_cost": 19 * 1024, "parallelism": 1}
_hasher = PasswordHasher(**_COST, hash_len=32, salt_len=16, type=Type.ID)
_turns = BoundedSemaphore(2)
_nobody = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$OYb0VOsMBKV1NK0l4YAQ1A8GvS6D8fFpOVvMhCMcPGY"
_letters = "abcdefghjkmnpqrstuvwxyz23456789"


def check(password: str, name: str) -> str:
    """Return a password that is long enough and not the name; raise Invalid otherwise."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password_length", field="password", shortest=SHORTEST, longest=LONGEST)
    if password.lower() == name.lower():
        raise Invalid("password_is_name", field="password")
    return password


def hashed(password: str, salt: bytes | None = None) -> str:
    """Return the argon2id hash of a password; a fixed salt only for the reproducible demo district."""
    with _turns:
        if salt is None:
            return _hasher.hash(password)
        return hash_secret(password.encode(), salt, **_COST, hash_len=32, type=Type.ID).decode()


def matches(stored: str | None, password: str) -> bool:
    """Tell whether a password belongs to a stored hash; as slow for a person who does not exist."""
    with _turns:
        try:
            return _hasher.verify(stored or _nobody, password[:LONGEST]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def one_time() -> str:
    """Return a fresh password that is easily read out on the telephone."""
    return "-".join("".join(secrets.choice(_letters) for _ in range(4)) for _ in range(4))
