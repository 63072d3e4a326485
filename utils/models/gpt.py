"""The course's language model: a stack of pre-norm blocks between an embedding and its transpose.

Rotary positions, RMSNorm, grouped-query attention, SwiGLU and no biases, as in Llama (Touvron et al., 2023).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from utils.arguments import called, instance, shown, tensor
from utils.models.attention import causal_mask
from utils.models.block import TransformerBlock
from utils.models.config import ModelConfig
from utils.models.experts import MixtureOfExperts
from utils.models.norms import RMSNorm

EMBEDDING_STD = 0.02


def check_ids(ids: Tensor, config: ModelConfig) -> None:
    """Raise ValueError unless ids is (B, T) of integers in the vocabulary, with T within the context.

    On an accelerator the range is left to the embedding's own check: reading it back would stall the device.
    """
    if not isinstance(ids, Tensor):
        raise ValueError(f"ids must be a tensor, not {shown(ids)}")
    if ids.dim() != 2:
        raise ValueError(f"ids must have the shape (batch, time), not {tuple(ids.shape)}")
    if ids.dtype not in (torch.int64, torch.int32):
        raise ValueError(f"ids must be int64 or int32, not {ids.dtype}")
    if ids.shape[1] > config.context_length:
        raise ValueError(f"ids of length {ids.shape[1]} exceed the context length {config.context_length}")
    if ids.device.type == "cpu" and ids.numel() and not torch.compiler.is_compiling():
        low, high = (int(bound) for bound in ids.aminmax())
        if low < 0 or high >= config.vocab_size:
            raise ValueError(f"ids must lie between 0 and {config.vocab_size - 1}, not {low if low < 0 else high}")


def visible_positions(mask: Tensor, ids: Tensor) -> Tensor:
    """Return the boolean mask (B, T, T) of causal attention restricted by a mask (B, T) or (B, T, T).

    Every position keeps sight of itself, so that no row of padding divides by zero.

    Raises:
        ValueError: the mask has another shape.
    """
    B, T = tensor("ids", ids, dims=2).shape
    if tensor("mask", mask).shape not in {(B, T), (B, T, T)}:
        raise ValueError(f"mask must have the shape {(B, T)} or {(B, T, T)}, not {tuple(mask.shape)}")
    if mask.dim() == 2:
        mask = mask[:, None, :]
    causal = causal_mask(T, device=ids.device)
    return (mask.bool() & causal) | torch.eye(T, dtype=torch.bool, device=ids.device)


class GPT(nn.Module):
    """Decoder-only language model: ids (B, T) to logits (B, T, V).

    Args:
        config: the dimensions, a ModelConfig; anything else raises ValueError.
        block: what builds one block from the config; a module that maps (B, T, D) and an optional mask to
            (B, T, D). The default is the transformer block; ablations and other mixers pass their own.
        positions: optional module added to the embeddings, called with the number of positions T and giving
            (T, D); for blocks that have no rotary positions of their own.

    The layers are `embedding`, `blocks`, `norm` and `head`; with `config.tied`, `head.weight` is
    `embedding.weight`.
    """

    def __init__(
        self,
        config: ModelConfig,
        block: Callable[[ModelConfig], nn.Module] = TransformerBlock,
        positions: nn.Module | None = None,
    ) -> None:
        instance("config", config, ModelConfig)
        called("block", block)
        if positions is not None:
            instance("positions", positions, nn.Module, "a module")
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.positions = positions
        self.blocks = nn.ModuleList(block(config) for _ in range(config.n_layers))
        self.norm = RMSNorm(config.d_model, config.norm_eps)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tied:
            self.head.weight = self.embedding.weight
        self.initialise()

    def initialise(self, generator: torch.Generator | None = None) -> None:
        """Draw fresh weights, so that the first loss is close to log V and the depth does not matter.

        Matrices get a standard deviation of 1 / sqrt(fan in), so that activations keep their size at any
        width; those that write into the residual stream are divided by sqrt(2 n_layers), one for each of its
        summands (Radford et al., 2019); embeddings get 0.02, which keeps the first logits near zero.
        """
        if generator is not None:
            instance("generator", generator, torch.Generator, "a generator of torch")
        into_residual = ("o_proj", "down_proj", "out_proj")
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear) and module is not self.head:
                std = module.in_features**-0.5
                if name.rsplit(".", 1)[-1] in into_residual:
                    std /= (2 * self.config.n_layers) ** 0.5
                nn.init.normal_(module.weight, std=std, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_STD, generator=generator)
        if not self.config.tied:
            nn.init.normal_(self.head.weight, std=EMBEDDING_STD, generator=generator)

    def embed(self, ids: Tensor) -> Tensor:
        """Return the input (B, T, D) of the first block; ids outside the vocabulary raise ValueError."""
        check_ids(ids, self.config)
        x = self.embedding(ids)
        return x if self.positions is None else x + self.positions(ids.shape[1])

    def hidden_states(self, ids: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        """Return n_layers + 1 tensors (B, T, D): the embeddings, then the stream after every block."""
        visible = None if mask is None else visible_positions(mask, ids)
        states = [self.embed(ids)]
        for block in self.blocks:
            states.append(block(states[-1], visible))
        return states

    def hidden(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the normalised last hidden states (B, T, D) that the output layer reads."""
        visible = None if mask is None else visible_positions(mask, ids)
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x, visible)
        return self.norm(x)

    def forward(self, ids: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return logits (B, T, V) of the next token at every position.

        Args:
            ids: (B, T) token ids.
            mask: optional boolean (B, T), True = a real token, for padding on either side; or (B, T, T),
                True = the query may use the key, for packed examples. Causality is added to both.

        Raises:
            ValueError: ids of a wrong shape, outside the vocabulary or longer than the context.
        """
        return self.head(self.hidden(ids, mask))

    def logits_at_every_layer(self, ids: Tensor) -> Tensor:
        """Return (n_layers + 1, B, T, V): the output layer read after each block (the logit lens)."""
        return torch.stack([self.head(self.norm(state)) for state in self.hidden_states(ids)])

    def attention_weights(self, ids: Tensor, mask: Tensor | None = None) -> list[Tensor]:
        """Return each layer's attention weights (B, H, T, T); the blocks must be transformer blocks."""
        visible = None if mask is None else visible_positions(mask, ids)
        found = []
        x = self.embed(ids)
        for block in self.blocks:
            if not isinstance(block, TransformerBlock):
                raise ValueError(f"a {type(block).__name__} has no attention weights")
            found.append(block.attention.weights(block.norm1(x), visible))
            x = block(x, visible)
        return found

    def auxiliary_loss(self) -> Tensor:
        """Return the mean load balancing loss of the last forward pass over the layers with experts, or 0.

        1 means a uniform load. A training loop adds it to the loss with a small factor, 0.01 say.
        """
        losses = [module.balance_loss for module in self.modules() if isinstance(module, MixtureOfExperts)]
        return torch.stack(losses).mean() if losses else torch.zeros((), device=self.embedding.weight.device)
