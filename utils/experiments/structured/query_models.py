"""A small model that turns questions into queries: a model of the world with a few more tokens, finetuned.

Query tokens spell themselves, white space included, so a query is the concatenation of its tokens and a mask needs one
variant of spellings. Words inside quotes are the world's own tokens: the model copies them from the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import torch

from utils.decoding.arguments import a_text, instance_of, token_ids, whole_number
from utils.decoding.checked import checked
from utils.decoding.decoders import decoder_for
from utils.decoding.generation import generate
from utils.decoding.grammar import Constraint, TokenSpellings
from utils.experiments.structured.regex_tasks import REGEX_PIECES, REGEX_WORDS, RegexTask, draw_regex_tasks
from utils.experiments.structured.sql_tasks import SqlTask, draw_sql_tasks
from utils.models.gpt import GPT
from utils.world import World, split_words

TRAINING_TASKS, TRAINING_SEED = 6000, 1
_SQL_PIECE = re.compile(r"(?<=')[A-Za-z]+(?=')|\d| ?[A-Za-z_]+| ?[^A-Za-z0-9 ]| ")
_REGEX_PIECE = re.compile("|".join(map(re.escape, sorted(REGEX_PIECES, key=len, reverse=True))))


class QueryVocabulary:
    """The world's words, the further words of questions, and the pieces of SQL and of regular expressions."""

    def __init__(self, world: World) -> None:
        own = instance_of(world, "world", World).vocabulary
        tasks = [*draw_sql_tasks(world, 600), *draw_sql_tasks(world, 600, unseen=True)]
        asked = [word for task in tasks for word in split_words(task.question)]
        new = [word for word in (*sorted(set(asked)), *REGEX_WORDS) if word not in own]
        self.words = (*own.words, *dict.fromkeys(new))
        quoted = {word for task in tasks for word in re.findall(r"'([A-Za-z]+)'", task.sql)}
        sql = {piece for task in tasks for query in (task.sql, *task.others) for piece in _SQL_PIECE.findall(query)}
        self.pieces = (*sorted(sql - quoted - set("0123456789")), *(p for p in REGEX_PIECES if p not in sql))
        self._word_ids = {word: index for index, word in enumerate(self.words)}
        self._piece_ids = {piece: index for index, piece in enumerate(self.pieces, len(self.words))}
        self.end_id = own.end_of_text_id
        self.n_special = sum(word.startswith("<|") for word in own.words)

    def __len__(self) -> int:
        return len(self.words) + len(self.pieces)

    def question_ids(self, question: str) -> list[int]:
        """Return the ids of a question; ValueError names a word that is not known."""
        words = split_words(a_text(question, "question"))
        unknown = [word for word in words if word not in self._word_ids]
        if unknown:
            raise ValueError(f"the vocabulary does not have the word {unknown[0]!r}")
        return [self._word_ids[word] for word in words]

    def query_ids(self, query: str) -> list[int]:
        """Return the ids of a query, with the end; ValueError for one that the pieces cannot spell."""
        a_text(query, "query")
        pattern = _SQL_PIECE if query.startswith("SELECT") else _REGEX_PIECE
        pieces = pattern.findall(query)
        ids = [self._piece_ids.get(piece, self._word_ids.get(piece, -1)) for piece in pieces]
        if "".join(pieces) != query or -1 in ids:
            raise ValueError(f"the vocabulary cannot spell the query {query!r}")
        return [*ids, self.end_id]

    def spell(self, ids: Iterable[int]) -> str:
        """Return the text of a query's ids; special tokens spell nothing."""
        every = (*self.words, *self.pieces)
        known = token_ids(ids, "ids")
        for index in known:
            whole_number(index, "an id of ids", 0, len(every) - 1)
        return "".join(every[index] for index in known if index >= self.n_special)

    def spellings(self) -> TokenSpellings:
        """Return what the tokens spell, for masks."""
        bytes_of = [None if i < self.n_special else text.encode() for i, text in enumerate((*self.words, *self.pieces))]
        return TokenSpellings([bytes_of], (self.end_id,))


@checked
def with_more_tokens(model: GPT, vocab_size: int, seed: int = 0) -> GPT:
    """Return a copy of a model with further rows in its embedding, drawn as small as the rows that it has.

    Raises:
        ValueError: the vocabulary would shrink, or embedding and output layer are not tied.
    """
    old = model.config.vocab_size
    if vocab_size < old or not model.config.tied:
        raise ValueError(f"vocab_size must be at least {old}, with tied embeddings, not {vocab_size}")
    larger = GPT(replace(model.config, vocab_size=vocab_size))
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    rows = state["embedding.weight"]
    generator = torch.Generator().manual_seed(seed)
    new = torch.randn(vocab_size - old, rows.shape[1], generator=generator) * rows.std(0) + rows.mean(0)
    state["embedding.weight"] = state["head.weight"] = torch.cat([rows, new])
    larger.load_state_dict(state)
    return larger.eval()


@checked
def write_queries(
    model: GPT,
    vocabulary: QueryVocabulary,
    questions: Sequence[str],
    constraint: Constraint | None = None,
    max_new_tokens: int = 40,
) -> list[str]:
    """Return the query that the model writes for each question, greedily, under a mask when one is given."""
    results = generate(
        decoder_for(model),
        [vocabulary.question_ids(question) for question in questions],
        max_new_tokens,
        stop_ids=(vocabulary.end_id,),
        adjust=None if constraint is None else constraint.adjust,
    )
    return [vocabulary.spell(result.ids) for result in results]


@checked
def query_pairs(
    vocabulary: QueryVocabulary, sql: Sequence[SqlTask], patterns: Sequence[RegexTask]
) -> list[tuple[list[int], list[int]]]:
    """Return (question ids, query ids) of both kinds of task, to finetune on."""
    pairs = [(vocabulary.question_ids(task.question), vocabulary.query_ids(task.sql)) for task in sql]
    pairs += [(vocabulary.question_ids(task.question), vocabulary.query_ids(task.pattern)) for task in patterns]
    return pairs


@checked
def training_queries(world: World) -> tuple[list[SqlTask], list[RegexTask]]:
    """Return the tasks that the shipped model world-queries was finetuned on."""
    return draw_sql_tasks(world, TRAINING_TASKS, TRAINING_SEED), draw_regex_tasks(TRAINING_TASKS, TRAINING_SEED)
