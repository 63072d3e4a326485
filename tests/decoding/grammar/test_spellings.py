"""What tokens spell: SmolLM2's bytes, the world's words, and vocabularies given by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.decoding.grammar.conftest import END
from utils.decoding.grammar import Constraint, GrammarError, TokenSpellings, choices, json_schema, record_text
from utils.decoding.grammar.tries import Trie
from utils.models.pretrained import PretrainedModel
from utils.world import RECORD_KINDS, RECORD_SCHEMAS, World, draw_record_tasks

TEXT = 'The café costs 12 €: {"naïve": "語学😀"}\n\tend'


def test_a_byte_level_tokenizers_tokens_spell_the_text(smollm2: Any, spellings: TokenSpellings) -> None:
    ids = smollm2.encode(TEXT, add_special_tokens=False).ids
    assert spellings.spell(ids) == TEXT.encode()
    partial = [spellings.spell([index]) for index in ids]
    assert any(part.decode(errors="ignore").encode() != part for part in partial)


def test_special_tokens_spell_nothing_and_never_follow(smollm2: Any, spellings: TokenSpellings) -> None:
    special = [index for index, token in smollm2.get_added_tokens_decoder().items() if token.special]
    assert len(special) > 10
    assert spellings.spell(special) == b""
    constraint = Constraint(json_schema({"type": "string"}), spellings)
    inside = constraint.state_after_text('"<|im')
    assert inside is not None
    assert not constraint.allowed(inside)[special].any()
    assert constraint.is_accepting(constraint.state_after_text('"x"') or 0)
    ended = constraint.allowed(constraint.state_after_text('"x"') or 0)
    assert ended.nonzero()[:, 0].tolist() == [END]


def test_end_ids_come_from_the_model_or_must_be_given(smollm2: Any) -> None:
    pretrained = PretrainedModel(None, smollm2, None, None, eos_ids=(2, 0))  # type: ignore[arg-type]
    assert TokenSpellings.from_tokenizer(pretrained).end_ids == (0, 2)
    with pytest.raises(ValueError, match="end_ids must hold at least one"):
        TokenSpellings.from_tokenizer(smollm2)


def test_logits_may_be_wider_than_the_tokenizer(smollm2: Any) -> None:
    wide = TokenSpellings.from_tokenizer(smollm2, [END], vocab_size=49_200)
    constraint = Constraint(choices(["a"]), wide)
    assert constraint.allowed(constraint.start).shape == (49_200,)
    assert not constraint.allowed(constraint.start)[49_152:].any()
    with pytest.raises(ValueError, match="vocab_size must be at least"):
        TokenSpellings.from_tokenizer(smollm2, [END], vocab_size=100)


def test_a_tokenizer_that_is_not_byte_level_is_refused() -> None:
    from tokenizers import Tokenizer, models

    with pytest.raises(ValueError, match="byte-level"):
        TokenSpellings.from_tokenizer(Tokenizer(models.WordLevel({"a": 0, "b": 1}, "a")), [0])


@pytest.mark.parametrize(
    ("variants", "ends", "after", "named"),
    [
        ([], [0], None, "at least one list"),
        ([[b"a"]], [], None, "end_ids"),
        ([[b"a"]], [1], None, "end_ids must be below"),
        ([[b"a"]], [-1], None, "end_ids must be below"),
        ([[b"a"], [b"a", b"b"]], [0], None, "one entry for each token"),
        ([[b"a", None]], [1], [0], "one entry for each token"),
    ],
)
def test_spellings_that_do_not_fit_together_are_refused(variants: Any, ends: Any, after: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        TokenSpellings(variants, ends, after)


def test_the_worlds_tokens_spell_compact_json(world: World) -> None:
    spellings = TokenSpellings.of_world(world)
    for task in draw_record_tasks(world, 300):
        ids = world.vocabulary.encode(task.target)
        text = json.dumps(task.record, ensure_ascii=False, separators=(",", ":"))
        assert record_text(world, ids) == text
        assert spellings.spell(ids) == text.encode()
        assert world.vocabulary.encode(text) == ids


def test_between_words_and_numbers_stands_a_space_and_within_a_number_none(world: World) -> None:
    ids = [world.vocabulary.id(word) for word in ('"', "town", "1", "2", "town", "town", ":", "1", '"', "4")]
    assert record_text(world, ids) == '"town 12 town town:1"4'
    assert TokenSpellings.of_world(world).spell(ids) == b'"town 12 town town:1"4'
    for spell in (lambda ids: record_text(world, ids), TokenSpellings.of_world(world).spell):
        with pytest.raises(ValueError, match="ids must be between"):
            spell([len(world.vocabulary)])


def test_records_targets_are_allowed_through_both_vocabularies(
    world: World, smollm2: Any, spellings: TokenSpellings
) -> None:
    grammars = {kind: json_schema(RECORD_SCHEMAS[kind]) for kind in RECORD_KINDS}
    world_spellings = TokenSpellings.of_world(world)
    of_world = {kind: Constraint(grammar, world_spellings) for kind, grammar in grammars.items()}
    of_smollm2 = {kind: Constraint(grammar, spellings) for kind, grammar in grammars.items()}
    for task in draw_record_tasks(world, 30):
        text = json.dumps(task.record, ensure_ascii=False, separators=(",", ":"))
        for constraint, ids, end in (
            (of_world[task.kind], world.vocabulary.encode(text), world.vocabulary.end_of_text_id),
            (of_smollm2[task.kind], smollm2.encode(text, add_special_tokens=False).ids, END),
        ):
            state = constraint.start
            for token in [*ids, end]:
                assert constraint.allowed(state)[token]
                following = constraint.advance(state, token)
                assert following is not None
                state = following


def test_a_trie_ends_each_token_at_the_node_of_its_bytes() -> None:
    spellings = [b"a", b"ab", b"b", None, b"abc", b"", b"ab", b"\xc3\xa9", b"\xc3"]
    trie = Trie(spellings)
    children = {
        (node, int(trie.byte[child])): child
        for node in range(len(trie))
        for child in range(trie.child_start[node], trie.child_start[node] + trie.child_count[node])
    }
    assert len(trie) == 1 + len({s[:n] for s in spellings if s for n in range(1, len(s) + 1)})
    for token, node in zip(trie.tokens.tolist(), trie.token_nodes.tolist(), strict=True):
        at = 0
        for byte in spellings[token] or b"":
            at = children[at, byte]
        assert at == node
    assert trie.longest == 3


def test_a_vocabulary_without_needed_bytes_is_refused_or_steered_around() -> None:
    spellings = TokenSpellings([[b"a", b"b", None]], [2])
    with pytest.raises(GrammarError, match="needs bytes"):
        Constraint(choices(["cab"]), spellings)
    constraint = Constraint(choices(["ab", "ac"]), spellings)
    state = constraint.advance(constraint.start, 0)
    assert state is not None
    assert constraint.allowed(state).tolist() == [False, True, False]
