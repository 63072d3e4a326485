"""One seed gives the same world everywhere: pinned hashes, checked in processes with different hash seeds."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from utils.world import World

# SHA-256 of 2,000 documents per language. A change here means that every checkpoint and recorded run is of another
# world.
PINNED = {
    "common": "02fbe49f71d6d8c5753804e7c16b45904206779b1b3bd72de5d023a87062afc4",
    "velkoth": "0898d83a4a7f12105f45d306a748b34afecb9e1dfecc4c6307f057ca3fcff632",
    "zhurimi": "a79d6f1821db8a89cf8306608a9c2c8230ca540ea962bb3ca439e0ce5dacf190",
    "words": "29c05179b5d9272be8817d7e5fef87a4dc8139468290461e43c6f1d99383c755",
}

_PROGRAM = """
import hashlib
from utils.world import LANGUAGE_NAMES, World
world = World(20240229)
for language in LANGUAGE_NAMES:
    text = "\\n".join(world.texts(2000, seed=7, language=language))
    print(language, hashlib.sha256(text.encode()).hexdigest())
print("words", hashlib.sha256(" ".join(world.joint_vocabulary.words).encode()).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_text_of_a_seed_is_pinned_under_any_hash_seed(hash_seed: str) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    run = subprocess.run([sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert dict(line.split() for line in run.stdout.splitlines()) == PINNED


def test_equal_seeds_give_equal_worlds_and_others_differ() -> None:
    assert World(1).texts(50) == World(1).texts(50)
    assert World(1).texts(50) != World(2).texts(50)
    assert World(1).texts(50, seed=0) != World(1).texts(50, seed=1)
    assert [p.name for p in World(1).people] != [p.name for p in World(2).people]


def test_a_longer_stream_starts_with_the_shorter_one() -> None:
    world = World(1, n_people=50)
    assert world.texts(30)[:10] == world.texts(10)
    assert (world.token_stream(1000)[:300] == world.token_stream(300)).all()


def test_token_stream_is_the_documents_with_end_marks() -> None:
    world = World(1, n_people=50)
    stream = world.token_stream(500, seed=3)
    expected: list[int] = []
    for document in world.documents(100, seed=3):
        expected += [*world.vocabulary.encode(document.text), world.vocabulary.end_of_text_id]
    assert stream.tolist() == expected[:500]
    assert stream.dtype == "int64"


def test_other_mixes_keep_people_and_facts() -> None:
    world = World(1, n_people=60)
    other = world.with_mix({"sum": 1}).with_options(relations=("home",), max_facts=1)
    assert [p.name for p in other.people] == [p.name for p in world.people]
    for person in world.people:
        assert other.fact(person.name, "home").value == world.fact(person.name, "home").value
