"""Trains an exported PyTorch model for a few steps on one random batch and prints, as JSON, what changed.

Argument: the path of a model.py.
"""

import importlib.util
import json
import sys

import torch

torch.set_num_threads(1)
torch.manual_seed(1)
spec = importlib.util.spec_from_file_location("model", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)

net = module.load().train()
images = torch.rand(16, module.CHANNELS, module.HEIGHT, module.WIDTH)
labels = torch.arange(16) % len(module.CLASSES)
before = {name: value.clone() for name, value in net.named_buffers()}
differs = not torch.equal(net(images), net(images))

optimizer = torch.optim.SGD(net.parameters(), lr=0.002, momentum=0.9)
losses = []
for _ in range(20):
    loss = torch.nn.functional.cross_entropy(net(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())

print(json.dumps({
    "parameters": sum(parameter.numel() for parameter in net.parameters()),
    "withoutGradient": [name for name, parameter in net.named_parameters() if parameter.grad is None],
    "unchangedStatistics": [name for name, value in net.named_buffers() if "running" in name and torch.equal(before[name], value)],
    "noisy": differs,
    "losses": losses,
}))
