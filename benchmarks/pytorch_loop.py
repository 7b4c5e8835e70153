"""The loop that a PyTorch user would write, as the peer of the benchmark: python3 pytorch_loop.py MODEL_FOLDER BATCH THREADS.

Loads model.py from the folder and trains the network on one fixed random batch. Each line "N" on standard input runs N steps
(forward, backward, SGD with Nesterov momentum) and answers with the milliseconds of each, on one line. PyTorch's default memory format.
"""

import sys
import time

import torch
from torch.nn import functional as F

folder, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
sys.path.insert(0, folder)
import model  # noqa: E402

net = model.load().train()
optimizer = torch.optim.SGD(net.parameters(), lr=1e-4, momentum=0.9, weight_decay=5e-4, nesterov=True)
torch.manual_seed(1)
if hasattr(model, "CHANNELS"):
    examples = torch.randn(batch, model.CHANNELS, model.HEIGHT, model.WIDTH)
    labels = torch.randint(len(model.CLASSES), (batch,))
else:  # a text: its tokens, and after each the next
    examples = torch.randint(len(model.CLASSES), (batch, model.STEPS))
    labels = torch.randint(len(model.CLASSES), (batch * model.STEPS,))

for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        started = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(examples).view(len(labels), -1), labels)
        loss.backward()
        optimizer.step()
        times.append(1000 * (time.perf_counter() - started))
    print(*times, flush=True)
