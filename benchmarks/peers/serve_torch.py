"""PyTorch as a contender: takes commands on stdin and answers on stdout, one JSON object a line (src/contenders/protocol.ts)."""
import json
import sys
import time

import torch
import torch.nn.functional as F

from odvae_torch import OdVae
from training_torch import Training

# A command stays below this many seconds by repeating short runs.
SHORTEST = 0.1


def convolution(case):
    channels, (taps, height, width) = case['channels'], case['kernel']
    time_, rows, columns = case['clip']
    x = torch.randn(1, channels, time_ + taps - 1, rows, columns)
    weight = torch.randn(channels, channels, taps, height, width) / (channels * taps * height * width) ** 0.5
    bias = torch.randn(channels)
    padding = (0, height // 2, width // 2)
    return lambda: F.conv3d(x, weight, bias, padding=padding)


def normalization(case):
    x = torch.randn(1, case['channels'], *case['clip'])
    scale, bias = torch.ones(case['channels']), torch.zeros(case['channels'])
    return lambda: F.silu(F.group_norm(x, 32, scale, bias, 1e-6))


def attention(case):
    frames, rows, columns = case['clip']
    query, key, value = (torch.randn(frames, rows * columns, case['channels']) for _ in range(3))
    return lambda: torch.softmax(query @ key.transpose(1, 2) * case['channels'] ** -0.5, -1) @ value


def latents_of(clip):
    frames, height, width = clip
    return torch.randn(1, 4, (frames - 1) // 4 + 1, height // 8, width // 8)


def encode(case):
    vae, clip = OdVae(case['config']), torch.rand(1, 3, *case['clip']) * 2 - 1
    return lambda: vae.encode(clip)


def decode(case):
    vae, latents = OdVae(case['config']), latents_of(case['clip'])
    return lambda: vae.decode(latents)


def step(case):
    vae, clip = OdVae(case['config']), torch.rand(1, 3, *case['clip']) * 2 - 1
    noise = torch.randn_like(latents_of(case['clip']))

    def run():
        vae.zero_grad()
        mean, logvar = vae.encode(clip).chunk(2, 1)
        rebuilt = vae.decode(mean + torch.exp(logvar / 2) * noise)
        kl = (mean**2 + logvar.exp() - 1 - logvar).sum() / 2
        ((rebuilt - clip).abs().mean() + 1e-6 * kl).backward()

    return run


def train(case):
    clip = torch.rand(case['batch'], 3, *case['clip']) * 2 - 1
    noise = torch.randn(case['batch'], *latents_of(case['clip']).shape[1:])
    return Training(OdVae(case['config']), clip, noise).run


KINDS = dict(convolution=convolution, normalization=normalization, attention=attention, encode=encode, decode=decode, step=step, train=train)


def timed(run, inference):
    runs, begin = 0, time.perf_counter()
    with torch.inference_mode(inference):
        while True:
            run()
            runs += 1
            seconds = time.perf_counter() - begin
            if seconds >= SHORTEST:
                return seconds / runs


def peak_bytes():
    try:
        with open('/proc/self/status') as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith('VmHWM'))
    except OSError:
        import resource

        scale = 1 if sys.platform == 'darwin' else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def answer(value):
    print(json.dumps(value), flush=True)


def main():
    answer(dict(version=f'PyTorch {torch.__version__}'))
    run, inference = None, True
    for line in sys.stdin:
        command = json.loads(line)
        if command['do'] == 'prepare':
            torch.set_num_threads(command['threads'])
            torch.manual_seed(0)
            inference = command['case']['kind'] not in ('step', 'train')
            run = KINDS[command['case']['kind']](command['case'])
            answer(dict(prepared=True))
        elif command['do'] == 'run':
            answer(dict(seconds=timed(run, inference)))
        else:
            answer(dict(peakBytes=peak_bytes()))
            return


main()
