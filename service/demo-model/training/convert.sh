#!/bin/sh
# Quantizes the float32 folder that train.py wrote: convert.sh FLOAT_FOLDER
# 8-bit weights with dtype float32: fp16 is ten times slower on x86 (no native half precision).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target="$here/../model"
card=$(mktemp)
if [ -f "$target/README.md" ]; then cp "$target/README.md" "$card"; fi
rm -rf "$target"
mlx_lm.convert --hf-path "$1" --mlx-path "$target" -q --q-bits 8 --q-group-size 32 --dtype float32
cp "$here/chat_template.jinja" "$1/generation_config.json" "$1/tokenizer.json" "$1/tokenizer_config.json" "$target/"
cp "$card" "$target/README.md"
rm -f "$card"
du -sb "$target"
