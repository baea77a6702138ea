#!/usr/bin/env bash
# transformers 5.23.0 with tokenizers 0.23.3: one call with truncation=True stays in the tokenizer. Its backend_tokenizer then cuts whatever it encodes
# to that length, and save_pretrained writes the limit into tokenizer.json, so that a program that reads the file with tokenizers alone (as one
# does beside ONNX Runtime) loses the end of every longer report, its conclusion. transformers itself passes over the limit in the file
# and encodes all: the same file, two inputs to the network, no warning. Exits with 1 where they behave otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.23.0 tokenizers==0.23.3
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import tokenizers, transformers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import PreTrainedTokenizerFast

REPORT = "effusion on the left conclusion no pneumothorax"
words = ["[UNK]", *REPORT.split()]
plain = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
plain.pre_tokenizer = pre_tokenizers.Whitespace()
plain.save("tokenizer.json")

tokenizer = PreTrainedTokenizerFast(tokenizer_file="tokenizer.json", unk_token="[UNK]")
backend = tokenizer.backend_tokenizer
before = backend.encode(REPORT).tokens
tokenizer("effusion on the left", truncation=True, max_length=4)
after = backend.encode(REPORT).tokens
tokenizer.save_pretrained("saved")
saved = Tokenizer.from_file("saved/tokenizer.json").encode(REPORT).tokens
again = PreTrainedTokenizerFast.from_pretrained("saved")
reloaded = again.convert_ids_to_tokens(again(REPORT).input_ids)
print("transformers", transformers.__version__, "tokenizers", tokenizers.__version__)
print("backend before a call with truncation:", before)
print("backend after it:", after)
print("saved, read with tokenizers:", saved)
print("saved, read with transformers:", reloaded)
whole, cut = REPORT.split(), REPORT.split()[:4]
raise SystemExit(0 if (before, after, saved, reloaded) == (whole, cut, cut, whole) else 1)
PYTHON
