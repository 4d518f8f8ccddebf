"""A generator and a discriminator step of the paper's recipe in PyTorch: L1, LPIPS (VGG16), KL, a 3D patch GAN, Adam, EMA."""
import torch
import torch.nn as nn
import torch.nn.functional as F

VGG = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
KL_WEIGHT, ADVERSARIAL_WEIGHT, DECAY, RATE = 1e-6, 0.5, 0.999, 1e-5


class Lpips(nn.Module):
    """LPIPS 0.1 over VGG16; random weights take as long as trained ones."""

    def __init__(self):
        super().__init__()
        self.slices, self.heads, inputs = nn.ModuleList(), nn.ModuleList(), 3
        for index, widths in enumerate(VGG):
            layers = [nn.MaxPool2d(2)] if index > 0 else []
            for width in widths:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
                inputs = width
            self.slices.append(nn.Sequential(*layers))
            self.heads.append(nn.Conv2d(inputs, 1, 1, bias=False))
        self.register_buffer('shift', torch.tensor([-0.03, -0.088, -0.188])[None, :, None, None])
        self.register_buffer('scale', torch.tensor([0.458, 0.448, 0.45])[None, :, None, None])
        self.requires_grad_(False)

    def forward(self, a, b):
        a, b = ((frames - self.shift) / self.scale for frames in (a, b))
        distance = 0
        for layers, head in zip(self.slices, self.heads):
            a, b = layers(a), layers(b)
            unit_a, unit_b = (x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10) for x in (a, b))
            distance = distance + head((unit_a - unit_b).square()).mean((2, 3))
        return distance


def discriminator(channels=64, layers=3):
    modules, inputs = [nn.Conv3d(3, channels, 3, 2, 1), nn.LeakyReLU(0.2)], channels
    for index in range(1, layers + 1):
        outputs = channels * min(2**index, 8)
        stride = ((2 if index < 2 else 1), 2, 2) if index < layers else 1
        modules += [nn.Conv3d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm3d(outputs), nn.LeakyReLU(0.2)]
        inputs = outputs
    return nn.Sequential(*modules, nn.Conv3d(inputs, 1, 3, 1, 1))


def frames_of(clip):
    return clip.transpose(1, 2).flatten(0, 1)


class Training:
    def __init__(self, vae, clip, noise):
        self.vae, self.clip, self.noise = vae, clip, noise
        self.lpips, self.discriminator = Lpips(), discriminator()
        self.generator_adam = torch.optim.Adam(vae.parameters(), RATE)
        self.discriminator_adam = torch.optim.Adam(self.discriminator.parameters(), RATE)
        self.average = [weight.detach().clone() for weight in vae.parameters()]

    def rebuild(self):
        mean, logvar = self.vae.encode(self.clip).chunk(2, 1)
        return self.vae.decode(mean + torch.exp(logvar / 2) * self.noise), mean, logvar

    def generator_step(self):
        rebuilt, mean, logvar = self.rebuild()
        target, frames = frames_of(self.clip), frames_of(rebuilt)
        nll = ((target - frames).abs() + self.lpips(target, frames)[:, :, None, None]).sum() / len(self.clip)
        kl = (mean**2 + logvar.exp() - 1 - logvar).sum() / 2 / len(self.clip)
        adversarial = -self.discriminator(rebuilt).mean()
        last = self.vae.decoder.conv_out.conv.weight
        by_pixels, by_looks = (torch.autograd.grad(loss, last, retain_graph=True)[0].norm() for loss in (nll, adversarial))
        weight = ADVERSARIAL_WEIGHT * (by_pixels / (by_looks + 1e-4)).clamp(0, 1e4).detach()
        self.generator_adam.zero_grad()
        (nll + KL_WEIGHT * kl + weight * adversarial).backward()
        self.generator_adam.step()
        torch._foreach_mul_(self.average, DECAY)
        torch._foreach_add_(self.average, [weight.detach() for weight in self.vae.parameters()], alpha=1 - DECAY)

    def discriminator_step(self):
        with torch.no_grad():
            rebuilt = self.rebuild()[0]
        loss = (F.relu(1 - self.discriminator(self.clip)).mean() + F.relu(1 + self.discriminator(rebuilt)).mean()) / 2
        self.discriminator_adam.zero_grad()
        loss.backward()
        self.discriminator_adam.step()

    def run(self):
        self.generator_step()
        self.discriminator_step()
