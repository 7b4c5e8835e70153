"""Runs exported PyTorch models.

Argument: a JSON file with a list of {model, images, shape: [count, channels, height, width], tokens, output}: the model is the path
of a model.py, the images file is float32 in 0..1, or token numbers, and the output file becomes the logits and then the probabilities, float32.
"""

import array
import importlib.util
import json
import sys
from pathlib import Path

import torch

torch.set_num_threads(1)

for run in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
    spec = importlib.util.spec_from_file_location("model", run["model"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    images = torch.frombuffer(bytearray(Path(run["images"]).read_bytes()), dtype=torch.float32).view(run["shape"])
    with torch.no_grad():
        logits = module.load()(images.long() if run["tokens"] else images)
    outputs = torch.cat([logits.flatten(), logits.softmax(dim=-1).flatten()])
    Path(run["output"]).write_bytes(array.array("f", outputs.tolist()).tobytes())
