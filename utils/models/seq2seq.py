"""A recurrent encoder-decoder, with and without attention (Sutskever et al., 2014; Bahdanau et al., 2015)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from utils.arguments import tensor, truth, whole_number


class Seq2Seq(nn.Module):
    """Reads a source with one GRU and writes a target with another.

    Without attention the decoder sees the source through the encoder's last state only; with it, each step
    also reads a weighted mean of all encoder states.

    Args:
        vocab_size: number of ids, shared by source and target.
        d_model: width of embeddings and states.
        attention: whether the decoder may look back.
        n_layers: GRU layers on either side.
    """

    def __init__(self, vocab_size: int, d_model: int, attention: bool, n_layers: int = 1) -> None:
        super().__init__()
        vocab_size = whole_number("vocab_size", vocab_size, least=1)
        d_model, n_layers = whole_number("d_model", d_model, least=1), whole_number("n_layers", n_layers, least=1)
        truth("attention", attention)
        self.vocab_size, self.attention = vocab_size, attention
        self.embedding = nn.Embedding(vocab_size, d_model)
        self.encoder = nn.GRU(d_model, d_model, n_layers, batch_first=True)
        self.decoder = nn.GRU(d_model, d_model, n_layers, batch_first=True)
        self.query = nn.Linear(d_model, d_model, bias=False) if attention else None
        self.combine = nn.Linear((2 if attention else 1) * d_model, d_model)
        self.head = nn.Linear(d_model, vocab_size)

    def _check(self, ids: Tensor, name: str) -> None:
        if tensor(name, ids, kind="integer").dim() != 2 or not ids.numel():
            raise ValueError(f"{name} must have the shape (batch, time), not {tuple(ids.shape)}")
        if int(ids.min()) < 0 or int(ids.max()) >= self.vocab_size:
            raise ValueError(f"{name} holds ids outside 0 to {self.vocab_size - 1}")

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Return all encoder states (B, S, D) and the last ones (layers, B, D) of source ids (B, S)."""
        self._check(source, "source")
        return self.encoder(self.embedding(source))

    def decode(self, target: Tensor, memory: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return logits (B, T, V), the decoder's last state and attention weights (B, T, S) or None."""
        self._check(target, "target")
        tensor("memory", memory, dims=3, last=self.embedding.embedding_dim)
        tensor("state", state, dims=3, last=self.embedding.embedding_dim)
        if not len(target) == len(memory) == state.shape[1]:
            rows = f"{len(target)}, {len(memory)} and {state.shape[1]}"
            raise ValueError(f"target, memory and state must have equally many rows, not {rows}")
        hidden, state = self.decoder(self.embedding(target), state)
        weights = None
        features = hidden
        if self.query is not None:
            scores = self.query(hidden) @ memory.transpose(1, 2) / memory.shape[-1] ** 0.5
            weights = scores.softmax(-1)
            features = torch.cat((hidden, weights @ memory), -1)
        return self.head(self.combine(features).tanh()), state, weights

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """Return logits (B, T, V) of the next target token, from source (B, S) and target so far (B, T)."""
        memory, state = self.encode(source)
        return self.decode(target, memory, state)[0]

    @torch.inference_mode()
    def generate(self, source: Tensor, start_id: int, length: int) -> tuple[Tensor, Tensor | None]:
        """Return greedy target ids (B, length) and the attention weights (B, length, S), if there are any."""
        start_id = whole_number("start_id", start_id, least=0, most=self.vocab_size - 1)
        length = whole_number("length", length, least=1)
        memory, state = self.encode(source)
        ids = torch.full((len(source), 1), start_id, device=source.device)
        written, looked = [], []
        for _ in range(length):
            logits, state, weights = self.decode(ids, memory, state)
            ids = logits.argmax(-1)
            written.append(ids)
            looked.append(weights)
        attended = [weights for weights in looked if weights is not None]
        return torch.cat(written, 1), torch.cat(attended, 1) if attended else None
