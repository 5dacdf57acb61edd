"""The model: PatchTST with mixed channels and one output. Knows nothing of data, training or search.

Shapes: B windows, C bars, F features, P patches of p bars, D model width, H heads. After Nie et al., "A Time Series is Worth 64
Words" (2023), except that a patch embeds all features together (channel-mixing) and that norms come first (pre-norm).
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from fts.architecture import SPARE_POSITIONS, Architecture, InputShape


class PatchTST(nn.Module):
    """A window of bars in, the logit of "label is 1" out."""

    def __init__(self, architecture: Architecture, shape: InputShape, dropout: float, head_dropout: float) -> None:
        super().__init__()
        width = architecture.d_model
        self.patch_length = shape.patch_length
        self.patch_stride = shape.patch_stride
        self.embedding = nn.Linear(shape.patch_length * shape.features, width)
        self.positions = nn.Parameter(torch.empty(shape.patches + SPARE_POSITIONS, width))
        self.dropout = nn.Dropout(dropout)
        self.layers = nn.ModuleList(EncoderLayer(architecture, dropout) for _ in range(architecture.n_layers))
        self.norm = nn.LayerNorm(width)
        self.head_dropout = nn.Dropout(head_dropout)
        self.head = nn.Linear(shape.patches * width, 1)
        self._initialise(architecture.n_layers)

    def forward(self, windows: Tensor) -> Tensor:  # (B, C, F) -> (B,)
        patches = windows.unfold(1, self.patch_length, self.patch_stride).flatten(2)  # (B, P, F, p) -> (B, P, F*p)
        tokens = self.embedding(patches) + self.positions[: patches.shape[1]]  # (B, P, D)
        tokens = self.dropout(tokens)
        for layer in self.layers:
            tokens = layer(tokens)
        flat = self.norm(tokens).flatten(1)  # (B, P*D)
        logits: Tensor = self.head(self.head_dropout(flat))  # (B, 1)
        return logits.squeeze(1)

    def _initialise(self, n_layers: int) -> None:
        # A stack of L pre-norm layers adds 2L branches onto the residual path; shrinking what each adds by sqrt(2L) keeps the
        # variance at the top the same from 2 to 256 layers, which a comparison across budgets needs.
        nn.init.normal_(self.positions, std=0.02)
        for name, parameter in self.layers.named_parameters():
            if name.endswith(("attention_out.weight", "shrink.weight")):
                with torch.no_grad():
                    parameter.mul_(1 / math.sqrt(2 * n_layers))


class EncoderLayer(nn.Module):
    """Self-attention over patches, then a feed-forward step; each reads a normalised copy and adds to the residual path."""

    def __init__(self, architecture: Architecture, dropout: float) -> None:
        super().__init__()
        width, inner = architecture.d_model, architecture.d_model * architecture.ff_ratio
        self.heads = architecture.n_heads
        self.attention_norm = nn.LayerNorm(width)
        self.attention_in = nn.Linear(width, 3 * width)
        self.attention_out = nn.Linear(width, width)
        self.feed_norm = nn.LayerNorm(width)
        self.grow = nn.Linear(width, inner)
        self.shrink = nn.Linear(inner, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:  # (B, P, D) -> (B, P, D)
        tokens = tokens + self.dropout(self._attend(self.attention_norm(tokens)))
        inner = functional.gelu(self.grow(self.feed_norm(tokens)))  # (B, P, D * ff_ratio)
        fed: Tensor = tokens + self.dropout(self.shrink(self.dropout(inner)))
        return fed

    def _attend(self, tokens: Tensor) -> Tensor:
        batch, patches, width = tokens.shape
        split = self.attention_in(tokens).view(batch, patches, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)  # each (B, H, P, D/H)
        mixed = functional.scaled_dot_product_attention(query, key, value)  # (B, H, P, D/H)
        joined: Tensor = self.attention_out(mixed.transpose(1, 2).reshape(batch, patches, width))  # (B, P, D)
        return joined


def count_built(model: nn.Module) -> int:
    """Parameters of a model as built; works on the `meta` device, where a 2B model takes no memory."""
    return sum(int(parameter.numel()) for parameter in model.parameters())
