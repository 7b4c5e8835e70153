"""What the plain PyTorch sides of the benchmarks share: how they are started and driven, and the batch that they train on.

A side is a script that is started with FOLDER THREADS PRECISION LAYOUT and reads commands, one a line, from its standard input:
"run N" runs N steps and answers with the milliseconds of each (of the processor, where CLOCK is "processor" in the environment); "loss" answers with the mean of the losses so far; "memory" answers with
the most memory that the process has had, and how much that is above what it had before there was a network, both in MiB.
"""

import json
import math
import os
import struct
import sys
import time
from pathlib import Path

import torch

FOLDER = Path(sys.argv[1])
PRECISION, LAYOUT = sys.argv[3], sys.argv[4]
CLOCK = time.process_time if os.environ.get("CLOCK") == "processor" else time.perf_counter
TYPES = {"F32": torch.float32, "I64": torch.int64, "U8": torch.uint8}

torch.set_num_threads(int(sys.argv[2]))


def status(field):
    """A field of this process's status, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])


Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins here
BASELINE = status("VmRSS")


def read_tensors(path):
    """The tensors of a safetensors file by name, in the file's order."""
    data = bytearray(path.read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        values = torch.frombuffer(data, dtype=TYPES[entry["dtype"]], count=math.prod(entry["shape"]), offset=8 + length + entry["data_offsets"][0])
        tensors[name] = values.view(entry["shape"])
    return tensors


def arrange(tensor_or_module):
    """In the asked memory format."""
    if LAYOUT != "channels-last":
        return tensor_or_module
    if isinstance(tensor_or_module, torch.nn.Module):
        return tensor_or_module.to(memory_format=torch.channels_last)
    return tensor_or_module.contiguous(memory_format=torch.channels_last) if tensor_or_module.dim() == 4 else tensor_or_module


def autocast():
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=PRECISION == "bf16")


def read_batches():
    """Of batch.safetensors, by name: inputs and targets for training, and for validation where the case has such."""
    return {name: arrange(tensor.clone()) for name, tensor in read_tensors(FOLDER / "batch.safetensors").items()}


def serve(step):
    """Answers commands until there are no more. step() runs one and gives its loss."""
    total, steps = 0.0, 0
    for line in sys.stdin:
        command, *arguments = line.split()
        if command == "run":
            times = []
            for _ in range(int(arguments[0])):
                started = CLOCK()
                loss = step()
                times.append(1000 * (CLOCK() - started))
                total, steps = total + float(loss.detach()), steps + 1
                del loss
            print(*times, flush=True)
        elif command == "loss":
            print(total / steps, flush=True)
        elif command == "memory":
            peak = status("VmHWM")
            print(peak / 1024, (peak - BASELINE) / 1024, flush=True)
        else:
            sys.exit(f"unknown command: {command}")
