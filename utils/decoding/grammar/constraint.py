"""A grammar over a vocabulary: the mask on the logits at each step of writing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from utils.decoding.grammar.automata import Grammar
from utils.decoding.grammar.dead_ends import DeadEnds
from utils.decoding.grammar.errors import DeadEndError
from utils.decoding.grammar.masks import MaskTable
from utils.decoding.grammar.spellings import TokenSpellings

# The state after an end token.
ENDED = -1


@dataclass
class _Row:
    """How far one row has been followed."""

    state: int
    ids: list[int] = field(default_factory=list)


class Constraint:
    """Lets a model write only texts of a grammar, whatever its vocabulary.

    One object serves any number of batches; it keeps what it has computed. States are integers: with a vocabulary of
    one variant those of the grammar, otherwise state times the number of variants plus the variant.

    Args:
        grammar: the language.
        spellings: the vocabulary.

    Raises:
        GrammarError: the vocabulary lacks bytes that every text of the grammar needs.

    Attributes:
        grammar: the part of the language that the vocabulary can write; states are those of this grammar.
        start: the state before the first token.
    """

    def __init__(self, grammar: Grammar, spellings: TokenSpellings) -> None:
        if spellings.byte_tokens is not None:
            grammar = grammar.restricted(spellings.byte_tokens)
        self.grammar, self.spellings = grammar, spellings
        self._n_variants = len(spellings.tries)
        self._tables = [MaskTable(grammar, trie) for trie in spellings.tries]
        self._ends = torch.tensor(spellings.end_ids)
        # With a token for each byte that the grammar still asks for, every text can be gone on with.
        self._dead_ends = DeadEnds(self._readable, self._to_go) if spellings.byte_tokens is None else None
        self._next: dict[tuple[int, int], int | None] = {}
        self._allowed: dict[int, Tensor] = {}
        self._tensors: dict[tuple[int, bool], Tensor] = {}
        self._pruned: list[np.ndarray] = []
        self._forbidden: dict[tuple[int, int, torch.device], Tensor] = {}
        self._rows: dict[int, _Row] = {}
        self.start = grammar.start * self._n_variants

    def allowed(self, state: int) -> Tensor:
        """Return (V,) which tokens may follow: end tokens exactly where the text may end. Not to be written to.

        Raises:
            DeadEndError: no token may follow; the vocabulary cannot write what the grammar asks for.
        """
        mask = self._allowed.get(state)
        if mask is None:
            mask = self._allowed[state] = self._mask(state)
        return mask

    def _mask(self, state: int) -> Tensor:
        if state == ENDED:
            mask = torch.zeros(self.spellings.vocab_size, dtype=torch.bool)
            mask[self._ends] = True
            return mask
        inner, variant = divmod(state, self._n_variants)
        allowed = self._tables[variant].allowed(inner)
        accepting = self.grammar.is_accepting(inner)
        if self._dead_ends is not None:
            allowed = allowed.copy()
            for token, following in self._readable(state):
                allowed[token] = self._dead_ends.can_end(following)
            self._pruned.append(allowed)
        if not accepting and not allowed.any():
            raise DeadEndError("no token may follow: the grammar asks for more, and the vocabulary cannot spell it")
        # Arrays of the tables are kept as long as the tables, so their identity tells them apart.
        key = (id(allowed), accepting)
        if key not in self._tensors:
            mask = torch.from_numpy(allowed.copy())
            mask[self._ends] = accepting
            self._tensors[key] = mask
        return self._tensors[key]

    def _readable(self, state: int) -> list[tuple[int, int]]:
        """Return the tokens that the grammar can read, each with the state after it."""
        inner, variant = divmod(state, self._n_variants)
        found = []
        for token in self._tables[variant].allowed(inner).nonzero()[0].tolist():
            following = self.advance(state, token)
            if following is not None:
                found.append((token, following))
        return found

    def _to_go(self, state: int) -> int:
        """Return how many bytes it takes at least to the end; 0 where the text may end."""
        node = self.grammar.node(state // self._n_variants)
        return 0 if node.nullable else max(node.shortest, 1)

    def advance(self, state: int, token: int) -> int | None:
        """Return the state after a token, None when the grammar cannot read it; nothing changes after an end token."""
        key = (state, token)
        if key not in self._next:
            self._next[key] = self._advance(state, token)
        return self._next[key]

    def _advance(self, state: int, token: int) -> int | None:
        if state == ENDED:
            return ENDED
        if not 0 <= token < self.spellings.vocab_size:
            raise ValueError(f"token must be between 0 and {self.spellings.vocab_size - 1}, not {token}")
        inner, variant = divmod(state, self._n_variants)
        if token in self.spellings.end_ids:
            return ENDED if self.grammar.is_accepting(inner) else None
        spelling = self.spellings.variants[variant][token]
        following = self.grammar.advance(inner, spelling) if spelling else None
        if following is None:
            return None
        return following * self._n_variants + self.spellings.variant_after[token]

    def state_after(self, ids: Iterable[int], state: int | None = None) -> int | None:
        """Return the state after tokens, from `state` or the start; None when one of them is not allowed."""
        current = self.start if state is None else state
        for token in ids:
            following = self.advance(current, token)
            if following is None:
                return None
            current = following
        return current

    def state_after_text(self, text: str) -> int | None:
        """Return the state after a text, in whatever tokens it was written; None when it is not allowed."""
        inner = self.grammar.advance(self.grammar.start, text)
        return None if inner is None else inner * self._n_variants + self.spellings.variant_after_text(text)

    def is_accepting(self, state: int) -> bool:
        """Return whether the text may end here, or has ended."""
        return state == ENDED or self.grammar.is_accepting(state // self._n_variants)

    def _forbid(self, state: int, width: int, device: torch.device) -> Tensor:
        """Return (width,) which logits are taken away."""
        allowed = self.allowed(state)
        key = (id(allowed), width, device)
        mask = self._forbidden.get(key)
        if mask is None:
            if width < len(allowed):
                raise ValueError(
                    f"logits must have at least {len(allowed)} columns, the vocabulary's size, not {width}"
                )
            full = torch.ones(width, dtype=torch.bool)
            full[: len(allowed)] = ~allowed
            mask = self._forbidden[key] = full.to(device)
        return mask

    def mask_logits(self, logits: Tensor, states: Sequence[int]) -> Tensor:
        """Return logits (B, V) with -inf for what each row's state does not allow; beyond the vocabulary too."""
        masks = [self._forbid(state, logits.shape[-1], logits.device) for state in states]
        forbidden = masks[0] if len(masks) == 1 else torch.stack(masks)
        return logits.masked_fill(forbidden, float("-inf"))

    def _follow(self, rows: dict[int, _Row], row: int, ids: list[int]) -> int:
        """Return the state of a row that has written `ids`, reading only what is new since the last call."""
        known = rows.get(row)
        if known is None or ids[: len(known.ids)] != known.ids:
            known = rows[row] = _Row(self.start)
        for token in ids[len(known.ids) :]:
            following = self.advance(known.state, token)
            if following is None:
                text = self.spellings.spell(known.ids).decode(errors="backslashreplace")
                del rows[row]
                raise DeadEndError(f"row {row}: the grammar does not allow the token {token} after {text!r}")
            known.state = following
            known.ids.append(token)
        return known.state

    def adjust(self, logits: Tensor, rows: Sequence[int], written: Sequence[list[int]]) -> Tensor:
        """Mask the logits (A, V) of rows by what each has written; for `generate(..., adjust=constraint.adjust)`.

        Raises:
            DeadEndError: a row has written what the grammar does not allow, or no token may follow.
        """
        states = [self._follow(self._rows, row, ids) for row, ids in zip(rows, written, strict=True)]
        return self.mask_logits(logits, states)

    def logits_processor(self, prompt_length: int) -> Callable[[Tensor, Tensor], Tensor]:
        """Return a processor for `generate(..., logits_processor=[...])` of transformers.

        Args:
            prompt_length: columns of `input_ids`, padding included; what comes after them is the text.
        """
        if prompt_length < 0:
            raise ValueError(f"prompt_length must not be negative, not {prompt_length}")
        rows: dict[int, _Row] = {}

        def process(input_ids: Tensor, scores: Tensor) -> Tensor:
            written = input_ids[:, prompt_length:].tolist()
            return self.mask_logits(scores, [self._follow(rows, row, ids) for row, ids in enumerate(written)])

        return process
