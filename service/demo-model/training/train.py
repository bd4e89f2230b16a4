"""Trains the demo model from scratch on one CPU core and saves float32 weights in the Hugging Face layout.

Usage: python train.py OUT_FOLDER [STEPS [FROM_FOLDER]]; FROM_FOLDER continues from saved weights.
"""

import json
import sys
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy
import optax
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

import data

HIDDEN, LAYERS, HEADS, HEAD, MLP, THETA, EPSILON = 128, 4, 4, 32, 320, 10000.0, 1e-5
BATCH, WARM_UP = 3, 60


def main(out: Path, steps: int, source: Path | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(source / "tokenizer.json")) if source else data.train_tokenizer()
    tokenizer.save(str(out / "tokenizer.json"))
    print(f"tokenizer: {tokenizer.get_vocab_size()} tokens", flush=True)
    parameters = initial(numpy.random.default_rng(data.SEED), tokenizer.get_vocab_size())
    if source:
        parameters = {name: jnp.asarray(value) for name, value in load_file(source / "model.safetensors").items()}
    print(f"parameters: {sum(value.size for value in parameters.values())}", flush=True)
    # Weights that are already good must not be thrown far by a second run.
    peak = 2e-3 if source else 3e-3
    schedule = optax.warmup_cosine_decay_schedule(0.0, peak, WARM_UP, steps, peak * 0.03)
    decayed = {name: value.ndim > 1 for name, value in parameters.items()}
    optimizer = optax.chain(
        optax.clip_by_global_norm(1.0), optax.adamw(schedule, b2=0.98, weight_decay=0.02, mask=decayed)
    )
    state = optimizer.init(parameters)

    @jax.jit
    def step(parameters, state, batch):
        loss, gradient = jax.value_and_grad(loss_of)(parameters, batch)
        updates, state = optimizer.update(gradient, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    started, recent = time.time(), []
    for number, batch in enumerate(data.rows(tokenizer, data.SEED + steps, BATCH)):
        if number == steps:
            break
        parameters, state, loss = step(parameters, state, batch)
        recent.append(float(loss))
        if number % 50 == 49:
            print(f"step {number + 1} loss {sum(recent) / len(recent):.4f} seconds {time.time() - started:.0f}", flush=True)
            recent = []
        if number % 250 == 249:
            save(out, parameters, tokenizer)
    save(out, parameters, tokenizer)


def initial(random: numpy.random.Generator, vocabulary: int) -> dict[str, jnp.ndarray]:
    def normal(*shape: int, scale: float = 0.02) -> jnp.ndarray:
        return jnp.asarray(random.normal(0, scale, shape), jnp.float32)

    parameters = {"model.embed_tokens.weight": normal(vocabulary, HIDDEN), "model.norm.weight": jnp.ones(HIDDEN)}
    narrow = HIDDEN**-0.5
    for layer in range(LAYERS):
        name = f"model.layers.{layer}."
        for part in "qkv":
            parameters[name + f"self_attn.{part}_proj.weight"] = normal(HEADS * HEAD, HIDDEN, scale=narrow)
        parameters[name + "self_attn.o_proj.weight"] = normal(HIDDEN, HEADS * HEAD, scale=narrow / (2 * LAYERS) ** 0.5)
        parameters[name + "mlp.gate_proj.weight"] = normal(MLP, HIDDEN, scale=narrow)
        parameters[name + "mlp.up_proj.weight"] = normal(MLP, HIDDEN, scale=narrow)
        parameters[name + "mlp.down_proj.weight"] = normal(HIDDEN, MLP, scale=MLP**-0.5 / (2 * LAYERS) ** 0.5)
        parameters[name + "input_layernorm.weight"] = jnp.ones(HIDDEN)
        parameters[name + "post_attention_layernorm.weight"] = jnp.ones(HIDDEN)
    return parameters


def loss_of(parameters, batch):
    logits = forward(parameters, batch["ids"], batch["segments"], batch["positions"])[:, :-1]
    targets = batch["ids"][:, 1:]
    same = (batch["segments"][:, 1:] == batch["segments"][:, :-1]) & (batch["segments"][:, 1:] > 0)
    weights = batch["weights"][:, 1:] * same
    losses = optax.softmax_cross_entropy_with_integer_labels(logits, targets)
    return (losses * weights).sum() / weights.sum()


def forward(parameters, ids, segments, positions):
    embedding = parameters["model.embed_tokens.weight"]
    hidden = embedding[ids]
    size = ids.shape[1]
    seen = jnp.tril(jnp.ones((size, size), bool))[None] & (segments[:, :, None] == segments[:, None, :])
    mask = jnp.where(seen, 0.0, -1e9)[:, None]
    frequencies = THETA ** (-jnp.arange(0, HEAD, 2) / HEAD)
    angles = positions[..., None] * frequencies
    cosine, sine = jnp.cos(angles)[:, :, None], jnp.sin(angles)[:, :, None]

    def rotate(value):
        left, right = jnp.split(value, 2, axis=-1)
        return jnp.concatenate([left * cosine - right * sine, right * cosine + left * sine], axis=-1)

    def normed(value, weight):
        return value * jax.lax.rsqrt((value * value).mean(-1, keepdims=True) + EPSILON) * weight

    for layer in range(LAYERS):
        name = f"model.layers.{layer}."

        def linear(value, part, name=name):
            return value @ parameters[name + part + "_proj.weight"].T

        inner = normed(hidden, parameters[name + "input_layernorm.weight"])
        shape = (*ids.shape, HEADS, HEAD)
        query = rotate(linear(inner, "self_attn.q").reshape(shape))
        key = rotate(linear(inner, "self_attn.k").reshape(shape))
        value = linear(inner, "self_attn.v").reshape(shape)
        scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) * HEAD**-0.5 + mask
        mixed = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), value)
        hidden = hidden + linear(mixed.reshape(*ids.shape, HEADS * HEAD), "self_attn.o")
        inner = normed(hidden, parameters[name + "post_attention_layernorm.weight"])
        hidden = hidden + linear(jax.nn.silu(linear(inner, "mlp.gate")) * linear(inner, "mlp.up"), "mlp.down")
    return normed(hidden, parameters["model.norm.weight"]) @ embedding.T


def save(out: Path, parameters, tokenizer: Tokenizer) -> None:
    save_file({name: numpy.asarray(value) for name, value in parameters.items()}, out / "model.safetensors", {"format": "pt"})
    configuration = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": HEADS,
        "head_dim": HEAD,
        "intermediate_size": MLP,
        "rms_norm_eps": EPSILON,
        "rope_theta": THETA,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "vocab_size": tokenizer.get_vocab_size(),
        "max_position_embeddings": 2048,
        "eos_token_id": [2, 0],
        "torch_dtype": "float32",
    }
    (out / "config.json").write_text(json.dumps(configuration, indent=2) + "\n")
    (out / "generation_config.json").write_text(json.dumps({"eos_token_id": [2, 0], "do_sample": False}, indent=2) + "\n")
    (out / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "eos_token": "<|im_end|>",
                "pad_token": "<|endoftext|>",
                "model_max_length": 2048,
                "clean_up_tokenization_spaces": False,
            },
            indent=2,
        )
        + "\n"
    )
    (out / "chat_template.jinja").write_text((Path(__file__).parent / "chat_template.jinja").read_text())


if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(
        Path(arguments[0]),
        int(arguments[1]) if len(arguments) > 1 else 2600,
        Path(arguments[2]) if len(arguments) > 2 else None,
    )
