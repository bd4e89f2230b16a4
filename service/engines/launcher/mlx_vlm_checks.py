"""Requests to mlx_vlm.server: what would load another model, read a file or fetch an address is refused with 400.

The gateway refuses them first, in words fit for its clients; these checks keep one engine alive and alone if anything
slips through. Read in mlx-vlm 0.7.10.
"""

import base64
import binascii
import io
from typing import Any

from request_checks import check_request, check_sampling

MOST_IMAGES = 10
MOST_PIXELS = 50_000_000
# What the engine takes from a request beside OpenAI's fields and that reaches outside of it.
_FORBIDDEN = ("adapter_path", "tool_parser", "draft_model")
_TEXT_PARTS = ("text", "input_text", "output_text")
_IMAGE_PARTS = ("image_url", "input_image")


def check_vision_request(body: dict[str, Any], model: str, vocabulary_size: int) -> None:
    """Puts the loaded model in place of its stand-in. Raises ValueError with the reason of a 400."""
    for name in _FORBIDDEN:
        if body.get(name) is not None:
            raise ValueError(f"{name} is not supported")
        body.pop(name, None)
    check_request(body)
    images = sum(_images_of(message) for message in body.get("messages") or [])
    if images > MOST_IMAGES:
        raise ValueError(f"a request may hold {MOST_IMAGES} images, not {images}")
    _check_numbers(body, vocabulary_size)
    # Any other name unloads the model and loads, or downloads, that one; the folder itself is what it was loaded by.
    body["model"] = model
    # Left out, the engine writes long conversations anew by itself.
    body["context_management"] = []


def _images_of(message: dict[str, Any]) -> int:
    content = message.get("content")
    count = 0
    for part in content if isinstance(content, list) else []:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in _IMAGE_PARTS:
            _check_image(part)
            count += 1
        elif kind == "input_audio":
            _check_audio(part)
        elif kind not in _TEXT_PARTS:
            raise ValueError(f"parts of the type {kind!r} are not supported")
    return count


def _check_image(part: dict[str, Any]) -> None:
    source = part.get("image_url")
    address = source.get("url") if isinstance(source, dict) else source
    # A path would be read from this disk, an address fetched from here.
    if not isinstance(address, str) or not address.startswith("data:image/") or ";base64," not in address[:100]:
        raise ValueError("images must be base64 data URLs")
    _check_picture(address.partition(",")[2])


def _check_picture(encoded: str) -> None:
    """The engine would fail in the middle of its answer, and unpack any size."""
    # Comes with the engine; nothing before it is imported needs it.
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(encoded, validate=True))) as image:
            pixels = image.width * image.height
    except (OSError, ValueError) as error:
        raise ValueError("an image cannot be read") from error
    if pixels > MOST_PIXELS:
        raise ValueError(f"an image has {pixels} pixels; the most is {MOST_PIXELS}")


def _check_audio(part: dict[str, Any]) -> None:
    source = part.get("input_audio")
    data = source.get("data") if isinstance(source, dict) else None
    head, _, encoded = data.partition(",") if isinstance(data, str) else ("", "", "")
    # Anything that it cannot decode the engine takes for a path or an address.
    if not head.startswith("data:audio/") or ";base64" not in head:
        raise ValueError("audio must be a base64 data URL")
    try:
        base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise ValueError("audio must be a base64 data URL") from error


def _check_numbers(body: dict[str, Any], vocabulary_size: int) -> None:
    bias = body.get("logit_bias")
    try:
        tokens = None if bias is None else {int(token): value for token, value in bias.items()}
    except (AttributeError, ValueError) as error:
        raise ValueError("logit_bias must map token numbers to numbers") from error
    top_k = body.get("top_k")
    if top_k is not None and (not isinstance(top_k, int) or isinstance(top_k, bool)):
        raise ValueError("top_k must be a whole number")
    if vocabulary_size > 0 and (top_k is not None or tokens):
        clamped = check_sampling(top_k or 0, tokens, vocabulary_size)
        if top_k is not None:
            body["top_k"] = clamped
