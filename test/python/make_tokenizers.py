"""Makes small models' prompt files in the kinds that large ones have: `make_tokenizers.py <folder> <corpus file>`.

`bytes`: byte-level pieces, split as the families with marks do, digits one by one. `triples`: digits in threes, NFC left
alone, a token that begins a text. `pieces`: words with a mark for the space and bytes for what is unknown, as
SentencePiece has them.
"""

import json
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
ONE_BY_ONE = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + REST
IN_THREES = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + REST
MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>", "<tool_call>", "</tool_call>"]
HEADERS = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
SIZE = 1200


def main(folder: Path, corpus: list[str]) -> None:
    _save(folder / "bytes", _byte_level(ONE_BY_ONE, MARKS, corpus, normalizers.NFC()), MARKS[2], None)
    triples = _byte_level(IN_THREES, HEADERS, corpus, None)
    begin = triples.token_to_id(HEADERS[0])
    single = processors.TemplateProcessing(single=f"{HEADERS[0]} $A", special_tokens=[(HEADERS[0], begin)])
    triples.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), single])
    _save(folder / "triples", triples, HEADERS[3], HEADERS[0])
    _save(folder / "pieces", _pieces(corpus), "</s>", "<s>")


def _byte_level(pattern: str, special: list[str], corpus: list[str], normalizer: object) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(ignore_merges=normalizer is None))
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    split = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    pieces = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pieces])
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=SIZE, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in special])
    return tokenizer


def _pieces(corpus: list[str]) -> Tokenizer:
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.pre_tokenizer = pre_tokenizers.Split("▁", behavior="merged_with_next")
    specials = ["<unk>", "<s>", "</s>", *[f"<0x{byte:02X}>" for byte in range(256)]]
    trained.train_from_iterator(
        corpus, trainers.BpeTrainer(vocab_size=SIZE, special_tokens=specials, show_progress=False)
    )
    state = json.loads(trained.to_str())
    model = state["model"]
    tokenizer = Tokenizer(
        models.BPE(
            vocab=model["vocab"],
            merges=[tuple(merge) for merge in model["merges"]],
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in ["<s>", "</s>"]])
    return tokenizer


def _save(folder: Path, tokenizer: Tokenizer, end: str, begin: str | None) -> None:
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": end, "clean_up_tokenization_spaces": False}
    if begin is not None:
        config["bos_token"] = {"__type": "AddedToken", "content": begin, "special": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


main(Path(sys.argv[1]), Path(sys.argv[2]).read_text().splitlines(keepends=True))
