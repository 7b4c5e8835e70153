"""Runs an exported model.py on given examples and prints the largest difference from given answers.

    python3 answer-pytorch.py <folder of model.py> <given.safetensors>     tensors: given, answers
"""

import json
import struct
import sys
from pathlib import Path

import torch

sys.path.insert(0, sys.argv[1])
from model import load  # noqa: E402

data = Path(sys.argv[2]).read_bytes()
(length,) = struct.unpack("<Q", data[:8])
header = json.loads(data[8 : 8 + length])
types = {"F32": torch.float32, "I64": torch.int64}
tensors = {
    name: torch.frombuffer(bytearray(data[8 + length + entry["data_offsets"][0] : 8 + length + entry["data_offsets"][1]]), dtype=types[entry["dtype"]]).view(entry["shape"])
    for name, entry in header.items()
    if name != "__metadata__"
}
given, answers = tensors["given"], tensors["answers"]
if given.dim() == 4:
    given = given.squeeze(2)  # a series is an image of one row within the network
with torch.no_grad():
    outputs = load()(given)
if sys.argv[3] == "probabilities":
    outputs = outputs.softmax(-1)
print(float((outputs.reshape(answers.shape) - answers).abs().max() / answers.abs().max()))
