"""What an installed mlx_lm says about the models it runs, as JSON: `read-architectures.py <folder of the package>`.

Reads the sources only, since importing some of the modules needs packages that the engine does not bring.
"""

import ast
import json
import sys
from pathlib import Path

# Modules that hold parts of models and are no model.
PARTS = {
    "activations", "base", "bitlinear_layers", "cache", "gated_delta", "mla", "pipeline", "rope_utils", "ssm",
    "switch_layers",
}

# Ends the process where a package is missing that the engine does not bring.
UNUSABLE = {"olmo"}

# What decides how much a model caches, where a config.json that leaves it out means the default of the engine.
# Layers and hidden size are no such thing: without them a config.json is only an excerpt, as the Hub's lists have it.
DECIDING = {
    "attention_window_size", "conv_L_cache", "emb_neighbor_num", "full_attention_interval", "global_head_dim",
    "head_dim", "hidden_size_per_head", "index_head_dim", "kv_channels", "kv_lora_rank", "layer_group_size",
    "linear_conv_kernel_dim", "linear_key_head_dim", "linear_num_key_heads", "linear_num_value_heads",
    "linear_value_head_dim", "loop_window_size", "mamba_d_conv", "mamba_d_head", "mamba_d_ssm", "mamba_d_state",
    "mamba_n_groups", "mamba_n_heads", "mamba_num_heads", "mamba_step", "n_head", "n_shared_head",
    "num_attention_heads", "num_heads", "num_key_value_heads", "num_kv_shared_layers", "num_loops",
    "qk_nope_head_dim", "qk_rope_head_dim", "short_conv_kernel_size", "sliding_window", "sliding_window_pattern",
    "v_head_dim", "window_size",
}


def main(folder: Path) -> None:
    modules = sorted(path.stem for path in (folder / "models").glob("*.py") if not path.stem.startswith("_"))
    models = [name for name in modules if name not in PARTS | UNUSABLE]
    utils = ast.parse((folder / "utils.py").read_text())
    by_class = assigned(utils, "MODEL_ARCHITECTURE_REMAPPING")
    found = {
        "models": models,
        "remapped": assigned(utils, "MODEL_REMAPPING"),
        "remappedByClass": [[*key, module] for key, module in by_class.items()],
        "defaults": {name: values for name in models if (values := defaults(folder / "models" / f"{name}.py"))},
    }
    json.dump(found, sys.stdout, indent=2, sort_keys=True)


def assigned(tree: ast.Module, name: str) -> dict:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in node.targets):
            return ast.literal_eval(node.value)
    raise SystemExit(f"{name} is gone from mlx_lm/utils.py.")


def defaults(path: Path) -> dict:
    """Whole numbers that the classes of arguments give to deciding fields; classes for pictures are left out."""
    values = {}
    for node in ast.parse(path.read_text()).body:
        if not isinstance(node, ast.ClassDef) or not node.name.endswith(("Args", "Config")) or "Vision" in node.name:
            continue
        for field in node.body:
            if isinstance(field, ast.AnnAssign) and isinstance(field.value, ast.Constant):
                if field.target.id in DECIDING and type(field.value.value) is int:
                    values.setdefault(field.target.id, field.value.value)
    return values


main(Path(sys.argv[1]))
