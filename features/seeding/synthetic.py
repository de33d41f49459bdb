"""What has no real source: names, emails and addresses, made up the same way each time.

Every value hangs on a digest of the customer's id alone, so neither order nor platform changes it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from features.gazetteer import Place
from features.seeding.places import Atlas


def _words(text: str) -> Sequence[str]:
    return text.split()


SALT = "cdnow-20261101"
GIVEN = _words(
    "Ada Aisha Alan Amara Ana Anders Beatriz Ben Carmen Chen Clara Daniel David Elena Emil Emma "
    "Fatima Felix Grace Hana Hugo Ines Ivan Jack James Jin Julia Kofi Lars Leila Lucas Maria Mei "
    "Miguel Mina Nadia Noah Nora Olga Omar Paul Priya Rosa Ruth Samir Sara Sofia Tomas Yuki Zoe"
)
FAMILY = _words(
    "Abe Almeida Andersen Bauer Bianchi Brown Castro Chen Cohen Costa Diaz Dubois Evans Fischer "
    "Garcia Gupta Haddad Hansen Ito Ivanova Johnson Jones Kaur Khan Kim Kowalski Lee Lopez Martin "
    "Mensah Moreau Morgan Nguyen Novak Okafor Olsen Patel Perez Petrov Rossi Sato Schmidt Silva "
    "Singh Smith Suzuki Tanaka Walker Wang Young"
)
STREETS = _words(
    "Bridge Cedar Church Garden Harbour High Lake Linden Maple Market Mill Oak Park River School"
)
BYTES = 8  # of the 32-byte digest for each drawn value: 4 values


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A made-up name and address; only the city is a real one."""

    name: str
    email: str
    street: str
    postal_code: str
    place: Place


def person(customer_id: str, atlas: Atlas) -> Person:
    """The person made up for a customer id; ``example.com`` receives no mail (RFC 2606)."""
    digest = hashlib.sha256(f"{SALT}:{customer_id}".encode()).digest()
    who, where, street, city = (
        int.from_bytes(digest[start : start + BYTES]) for start in range(0, len(digest), BYTES)
    )
    given, family = _pick(GIVEN, who), _pick(FAMILY, who // len(GIVEN))
    return Person(
        name=f"{given} {family}",
        email=f"{given}.{family}.{customer_id}@example.com".lower(),
        street=f"{street % 240 + 1} {_pick(STREETS, street // 240)} Street",
        postal_code=f"{where % 90_000 + 10_000}",
        place=atlas.at((city >> 11) / 2**53),
    )


def _pick(words: Sequence[str], number: int) -> str:
    return words[number % len(words)]
