"""Preferences: pairs of equals are counted, named and never trained on."""

from __future__ import annotations

import pytest

from tests.posttraining.small_models import VOCABULARY, records, tiny_gpt
from utils.posttraining.chat import world_codec
from utils.posttraining.dpo import train_dpo
from utils.posttraining.preferences import (
    PreferencePair,
    agreement,
    ranking_to_pairs,
    tokenise_preferences,
)
from utils.posttraining.reward import RewardModel, train_reward_model

CODEC = world_codec(VOCABULARY)


def record(chosen: str, rejected: str, prompt: str = "Where does Ada live?") -> dict:
    return {
        "prompt": [{"role": "user", "content": prompt}],
        "chosen": [{"role": "assistant", "content": chosen}],
        "rejected": [{"role": "assistant", "content": rejected}],
    }


def test_answers_end_with_the_end_token_and_the_prompt_opens_the_answer() -> None:
    [pair] = tokenise_preferences([record("She lives in Zor.", "I do not know.")], CODEC).pairs
    assert VOCABULARY.decode(pair.chosen) == "She lives in Zor. <|end|>"
    assert pair.rejected[-1] == CODEC.end_id
    assert pair.prompt[-1] == CODEC.role_ids["assistant"]
    assert pair.prompt.count(CODEC.bos_id) == 1


def test_plain_strings_are_joined_as_they_are() -> None:
    [pair] = tokenise_preferences([{"prompt": "Ada", "chosen": "lives", "rejected": "work"}], CODEC).pairs
    assert VOCABULARY.decode([*pair.prompt, *pair.chosen]) == "<|endoftext|> Ada lives <|end|>"


def test_equal_pairs_are_counted_and_named_also_after_truncation() -> None:
    given = [
        record("She lives in Zor.", "I do not know."),
        record("I do not know.", "I do not know."),
        record("She lives in Zor.", "She lives in Kem."),
    ]
    with pytest.raises(ValueError, match=r"1 of 3 pairs left out: 1 \(number 1\) with equal answers"):
        tokenise_preferences(given, CODEC)
    with pytest.raises(ValueError, match=r"1 \(number 2\) with answers equal after truncation to 12 tokens"):
        tokenise_preferences(given, CODEC, max_length=12)
    kept = tokenise_preferences(given, CODEC, max_length=12, drop_equal=True)
    assert (len(kept.pairs), kept.equal_texts, kept.equal_after_truncation) == (1, [1], [2])
    assert all(len(p.prompt) + max(len(p.chosen), len(p.rejected)) <= 12 for p in kept.pairs)


def test_equal_pairs_are_never_trained_on() -> None:
    pairs = [PreferencePair((1,), (2, 3), (2, 4)), PreferencePair((1,), (2, 3), (2, 3))]
    for train in (
        lambda: train_dpo(tiny_gpt(), pairs, steps=1, show_progress=False),
        lambda: train_reward_model(RewardModel(tiny_gpt()), pairs, steps=1, show_progress=False),
    ):
        with pytest.raises(ValueError, match=r"1 \(number 1\) of 2 have equal answers"):
            train()


def test_faulty_records_are_named() -> None:
    with pytest.raises(ValueError, match="record 1 has no rejected"):
        tokenise_preferences([record("Gladly!", "I do not know."), {"prompt": "a", "chosen": "b"}], CODEC)
    bad = record("Gladly!", "I do not know.")
    with pytest.raises(ValueError, match=r"record 0: .*unknown role 'judge'"):
        tokenise_preferences([{**bad, "prompt": [{"role": "judge", "content": "Ada"}]}], CODEC)
    with pytest.raises(ValueError, match="chosen must be one turn of the assistant"):
        tokenise_preferences([{**bad, "chosen": [{"role": "user", "content": "Ada"}]}], CODEC)
    with pytest.raises(ValueError, match="the prompt of record 0 has 9 tokens of 9"):
        tokenise_preferences(records(1), CODEC, max_length=9)


def test_a_ranking_gives_all_its_pairs() -> None:
    assert ranking_to_pairs("abc") == [("a", "b"), ("a", "c"), ("b", "c")]
    assert len(ranking_to_pairs(range(9))) == 36


def test_agreement_is_the_share_of_equal_labels() -> None:
    assert agreement([1, 0, 1, 1], [1, 1, 1, 0]) == 0.5
    with pytest.raises(ValueError, match="not 1 and 0"):
        agreement([1], [])
