"""{{title}}

A network for {{task}} that was found by neural architecture search: space {{space}}, trained on
{{dataset}}, test {{measure}}. More in README.md and architecture.json.

    {{usage}}
    from model import load; net = load()    the trained network, to run or to train further

Needs PyTorch 1.13 or later{{needs}}. The weights are read from model.safetensors
beside this file.
"""

{{imports}}from pathlib import Path

import torch
from torch import nn

{{constants}}


{{network}}


def read_safetensors(path):
    """The tensors of a safetensors file by name: eight bytes of header length, a JSON header, the numbers."""
    data = Path(path).read_bytes()
    (header_length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + header_length])
    header.pop("__metadata__", None)
    numbers = data[8 + header_length :]
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise ValueError(f"{path}: tensor {name} is {entry['dtype']}, not F32")
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(numbers[begin:end]), dtype=torch.float32).view(entry["shape"])
    return tensors


def load(weights=Path(__file__).resolve().parent / "model.safetensors"):
    """The trained network, ready to answer."""
    net = Network()
    tensors = read_safetensors(weights)
{{rename}}    missing = net.load_state_dict(tensors, strict=False).missing_keys
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing:
        raise ValueError(f"{weights} is not of this network: it lacks {', '.join(missing)}")
    return net.eval()


{{reader}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
