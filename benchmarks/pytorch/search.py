"""Trains the architectures of a search one after the other, as a PyTorch user who knows what is slow would: the images lie in memory as one
tensor of bytes and are cropped and mirrored batch by batch, without a DataLoader; SGD with Nesterov momentum on a cosine, by step.

Arguments as peer.py says; the folder holds data.safetensors, search.json and a folder with model.py for each architecture, named by its
number. Answers with a line for each: its number, the seconds and the accuracy on the validation split.
"""

import importlib.util
import json
import math
import time

import peer
import torch
from torch.nn import functional as F

settings = json.loads((peer.FOLDER / "search.json").read_text())
data = peer.read_tensors(peer.FOLDER / "data.safetensors")
train_images, train_labels = data["train_images"], data["train_labels"]
validation_images, validation_labels = data["validation_images"], data["validation_labels"]


def load(number):
    spec = importlib.util.spec_from_file_location(f"model{number}", peer.FOLDER / str(number) / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return peer.arrange(module.load())


def vary(images):
    """Shifted by up to so many pixels each way, half of them mirrored."""
    count, channels, height, width = images.shape
    padding = settings["crop"]
    padded = F.pad(images, (padding, padding, padding, padding))
    rows = torch.randint(2 * padding + 1, (count, 1)) + torch.arange(height)
    columns = torch.arange(width).expand(count, width)
    if settings["flip"]:
        columns = torch.where(torch.rand(count, 1) < 0.5, columns.flip(1), columns)
    columns = columns + torch.randint(2 * padding + 1, (count, 1))
    each = torch.arange(count)
    return padded[each[:, None, None, None], torch.arange(channels)[None, :, None, None], rows[:, None, :, None], columns[:, None, None, :]]


def train(net):
    batch = settings["batch"]
    optimizer = torch.optim.SGD(
        net.parameters(), lr=settings["learning_rate"], momentum=settings["momentum"], weight_decay=settings["weight_decay"], nesterov=True)
    steps = len(train_images) // batch
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.5 * (1 + math.cos(math.pi * step / (steps * settings["epochs"]))))
    net.train()
    for _ in range(settings["epochs"]):
        order = torch.randperm(len(train_images))
        for step in range(steps):
            places = order[step * batch:(step + 1) * batch]
            images = peer.arrange(vary(train_images[places]).float() / 255)
            optimizer.zero_grad(set_to_none=True)
            with peer.autocast():
                loss = F.cross_entropy(net(images).float(), train_labels[places])
            loss.backward()
            optimizer.step()
            schedule.step()


@torch.no_grad()
def accuracy(net):
    net.eval()
    right = 0
    for images, labels in zip(validation_images.split(500), validation_labels.split(500)):
        right += (net(peer.arrange(images.float() / 255)).argmax(1) == labels).sum().item()
    return right / len(validation_labels)


torch.manual_seed(settings["seed"])
for number in range(1, settings["trials"] + 1):
    started = time.perf_counter()
    net = load(number)
    if any(parameter.requires_grad for parameter in net.parameters()):
        train(net)
    measured = accuracy(net)
    print(number, time.perf_counter() - started, measured, flush=True)
