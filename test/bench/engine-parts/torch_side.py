"""PyTorch's side of the benchmark: the tasks of tasks.ts on Transformers' models, with forward hooks, eager, float32."""

import json
import os
import sys
import time

import torch
import transformers
from transformers import AutoModelForCausalLM

torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

models = {}


def blocks_of(model):
    return model.transformer.h if hasattr(model, "transformer") else model.model.layers


def direction(width):
    """The vector that is added: the same on the other side."""
    return torch.tensor([((7 * i) % 11 - 5) / 100 for i in range(width)])


def prompt(rows, length, vocab):
    return torch.tensor([[(row * 31 + t * 7 + 1) % vocab for t in range(length)] for row in range(rows)])


def add(vector):
    def hook(_module, _inputs, output):
        if isinstance(output, tuple):
            return (output[0] + vector, *output[1:])
        return output + vector

    return hook


def load(name, folder, hooked):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    for layer in hooked:
        blocks_of(model)[layer].register_forward_hook(add(direction(model.config.hidden_size)))
    models[name] = model
    return []


def prefill(model, rows, length):
    ids = prompt(rows, length, model.config.vocab_size)
    logits = model(ids, use_cache=True, logits_to_keep=1).logits
    return logits[:, -1].argmax(-1).tolist()


def decode(model, rows, past, steps):
    """Yields once, before the part that counts."""
    ids = prompt(rows, past, model.config.vocab_size)
    out = model(ids, use_cache=True, logits_to_keep=1)
    chosen = out.logits[:, -1].argmax(-1)
    yield
    for _ in range(steps):
        out = model(chosen[:, None], past_key_values=out.past_key_values, use_cache=True, logits_to_keep=1)
        chosen = out.logits[:, -1].argmax(-1)
    return chosen.tolist()


def sweep(model, length, layer, coefficients):
    ids = prompt(1, length, model.config.vocab_size)
    vector = direction(model.config.hidden_size)
    chosen = []
    for coefficient in coefficients:
        handle = blocks_of(model)[layer].register_forward_hook(add(coefficient * vector))
        chosen += model(ids, use_cache=False, logits_to_keep=1).logits[:, -1].argmax(-1).tolist()
        handle.remove()
    return chosen


def private_mb():
    try:
        with open(f"/proc/{os.getpid()}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


def run(task):
    kind = task["task"]
    ready = None
    if kind == "decode":
        ready = decode(models[task["on"]], task["rows"], task["past"], task["steps"])
        next(ready)
    cpu, wall = time.process_time(), time.perf_counter()
    chosen = []
    if kind == "load":
        chosen = load(task["as"], task["folder"], task["hooked"])
    elif kind == "prefill":
        chosen = prefill(models[task["on"]], task["rows"], task["time"])
    elif kind == "sweep":
        chosen = sweep(models[task["on"]], task["time"], task["layer"], task["coefficients"])
    elif kind == "drop":
        del models[task["on"]]
    elif ready is not None:
        try:
            next(ready)
        except StopIteration as end:
            chosen = end.value
    return {
        "cpuMs": 1e3 * (time.process_time() - cpu),
        "wallMs": 1e3 * (time.perf_counter() - wall),
        "privateMB": private_mb(),
        "chosen": chosen,
    }


def main():
    versions = {"python": sys.version.split()[0], "torch": torch.__version__, "transformers": transformers.__version__}
    print(json.dumps(versions), flush=True)
    with torch.no_grad():
        for line in sys.stdin:
            print(json.dumps(run(json.loads(line))), flush=True)


main()
