"""Measures the peak memory of real trainings on the CPU against the estimate of fts.memory. Prints the table of docs/development.md."""

import json
import subprocess
import sys
from pathlib import Path

CHILD = """
import json, sys
import numpy as np
from fts.architecture import Architecture, InputShape
from fts.parameters import TrainConfig
from fts.stop import Stop
from fts.training import Follower, train
from fts.checkpoint import save_checkpoint

case = json.loads(sys.argv[1])

class Windows:
    def __init__(self, count, features, context):
        random = np.random.default_rng(1)
        self.series = random.normal(size=(count + context, features)).astype(np.float32)
        self.ends = np.arange(context - 1, context - 1 + count, dtype=np.int64)
        self.labels = (random.random(count) > 0.5).astype(np.float32)
        self.context = context

def run(d, layers, heads, ff, batch, features, context, save):
    config = TrainConfig(
        architecture=Architecture(d, layers, heads, ff), shape=InputShape(features, context, 10, 5), dropout=0.1, head_dropout=0.1,
        learning_rate=1e-3, weight_decay=0.01, warmup=0.1, batch_size=batch, epochs=2, patience=0, grad_clip=1.0, loss="bce",
        focal_gamma=None, seed=1, threads=1, precision="float32", device="cpu")
    windows = Windows(batch * 2, features, context)
    validation = Windows(batch * 4, features, context)
    follower = Follower() if save is None else Follower(save=lambda state: save_checkpoint(save, state))
    return train(config, windows, validation, Stop(), follower)

def status(name):
    for line in open("/proc/self/status"):
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024

run(8, 1, 1, 2, 8, 4, 20, None)
before = status("VmRSS")
open("/proc/self/clear_refs", "w").write("5")
outcome = run(**case, save=None)
print(json.dumps({"params": outcome.param_count, "peak": status("VmHWM") - before}))
"""

CASES = [
    {"d": 64, "layers": 2, "heads": 4, "ff": 2, "batch": 64, "features": 20, "context": 60},
    {"d": 64, "layers": 2, "heads": 4, "ff": 2, "batch": 1024, "features": 20, "context": 60},
    {"d": 64, "layers": 48, "heads": 4, "ff": 4, "batch": 128, "features": 20, "context": 60},
    {"d": 256, "layers": 4, "heads": 8, "ff": 4, "batch": 64, "features": 20, "context": 60},
    {"d": 256, "layers": 4, "heads": 8, "ff": 4, "batch": 512, "features": 20, "context": 60},
    {"d": 256, "layers": 8, "heads": 8, "ff": 4, "batch": 128, "features": 500, "context": 60},
    {"d": 128, "layers": 4, "heads": 16, "ff": 2, "batch": 128, "features": 20, "context": 400},
    {"d": 512, "layers": 6, "heads": 8, "ff": 4, "batch": 128, "features": 20, "context": 60},
    {"d": 1024, "layers": 4, "heads": 16, "ff": 4, "batch": 32, "features": 20, "context": 60},
    {"d": 1024, "layers": 8, "heads": 16, "ff": 4, "batch": 16, "features": 20, "context": 60},
]


def main() -> None:
    for case in CASES:
        ran = subprocess.run([sys.executable, "-c", CHILD, json.dumps(case)], capture_output=True, text=True, check=False)
        if ran.returncode != 0:
            print(ran.stderr[-800:])
            continue
        found = json.loads(ran.stdout)
        print(json.dumps({**case, **found}), flush=True)


main()
