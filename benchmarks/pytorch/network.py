"""The training loop that a PyTorch user would write, on a model that our exporter wrote: forward, backward, SGD with Nesterov momentum."""

import sys

import peer
import torch
from torch.nn import functional as F

sys.path.insert(0, str(peer.FOLDER))
import model  # noqa: E402

net = peer.arrange(model.load().train())
optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4, nesterov=True)
batch = peer.read_batches()
inputs, targets = batch["inputs"], batch["targets"].flatten()


def step():
    optimizer.zero_grad(set_to_none=True)
    with peer.autocast():
        outputs = net(inputs)
        loss = F.cross_entropy(outputs.view(len(targets), -1).float(), targets)
    loss.backward()
    optimizer.step()
    return loss


peer.serve(step)
