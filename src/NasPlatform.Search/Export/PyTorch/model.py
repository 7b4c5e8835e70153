"""{{title}}

An image classifier that was found by neural architecture search: space {{space}}, trained on
{{dataset}}, test accuracy {{accuracy}}. More in README.md and architecture.json.

    python3 model.py photo.png ...          prints the class of each image, and how probable it is
    from model import load; net = load()    the trained network, to run or to train further

Needs PyTorch 1.13 or later, and Pillow to read image files. The weights are read from model.safetensors
beside this file.
"""

import json
import struct
import sys
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
    """The trained network, ready to classify."""
    net = Network()
    tensors = read_safetensors(weights)
{{rename}}    missing = net.load_state_dict(tensors, strict=False).missing_keys
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing:
        raise ValueError(f"{weights} is not of this network: it lacks {', '.join(missing)}")
    return net.eval()


def read_image(path):
    """An image file as float32 [CHANNELS, HEIGHT, WIDTH] in 0..1: upright, on white, brought to size as FIT says."""
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise ImportError("image files are read by Pillow, which is missing (pip install pillow)") from error

    image = Image.open(path)
    if image.format != "TIFF":  # those Pillow turns upright when it loads them
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):  # 16 bits a sample
        image = image.convert("I").point(lambda sample: sample * (1 / 257)).convert("L")
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("L" if CHANNELS == 1 else "RGB")
    if FIT == "crop":
        image = ImageOps.fit(image, (WIDTH, HEIGHT), Image.LANCZOS)
    elif FIT == "pad":
        image = ImageOps.pad(image, (WIDTH, HEIGHT), Image.LANCZOS, "black")
    else:
        image = image.resize((WIDTH, HEIGHT), Image.LANCZOS)
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return pixels.view(HEIGHT, WIDTH, CHANNELS).permute(2, 0, 1).float() / 255


def main(paths):
    if not paths:
        print("usage: python3 model.py <image> ...", file=sys.stderr)
        return 2
    net = load()
    failures = 0
    for path in paths:
        try:
            image = read_image(path)
        except (OSError, ImportError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failures += 1
            continue
        with torch.no_grad():
            probabilities = net(image.unsqueeze(0)).softmax(dim=1)[0]
        best = int(probabilities.argmax())
        print(f"{path}: {CLASSES[best]} {probabilities[best]:.1%}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
