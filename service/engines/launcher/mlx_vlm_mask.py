"""The mask of mlx_vlm's structured answers where there is no Metal: its own is a kernel for Apple's graphics alone.

The grammar stays the engine's. Read in mlx-vlm 0.7.10.
"""

import mlx.core
from mlx_vlm import structured

WORD_BITS = 32


def mask_on_processors() -> None:
    """Puts ours in place of the engine's, which would break an answer off at its first token."""
    if not mlx.core.metal.is_available():
        structured._apply_llguidance_mask = apply_mask


def apply_mask(logits: mlx.core.array, mask: mlx.core.array) -> mlx.core.array:
    """A token whose bit is not set is impossible; so is one behind the last bit, as in models with padded outputs."""
    logits = logits[None, :] if logits.ndim == 1 else logits
    mask = mask[None, :] if mask.ndim == 1 else mask
    width = logits.shape[-1]
    places = mlx.core.arange(WORD_BITS, dtype=mlx.core.uint32)
    bits = (mask.view(mlx.core.uint32)[..., None] >> places) & 1
    allowed = bits.reshape(bits.shape[0], -1)[:, :width].astype(mlx.core.bool_)
    missing = width - allowed.shape[-1]
    if missing > 0:
        allowed = mlx.core.pad(allowed, [(0, 0), (0, missing)])
    return mlx.core.where(allowed, logits, mlx.core.array(-float("inf"), dtype=logits.dtype))
