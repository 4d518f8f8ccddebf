"""OD-VAE's four variants in plain PyTorch, with the official names of layers and weights: the peer to measure against."""
import torch
import torch.nn as nn
import torch.nn.functional as F

GROUPS = 32


def triple(value):
    return (value,) * 3 if isinstance(value, int) else value


class CausalConv3d(nn.Module):
    """The first frame is repeated before the clip, so no frame sees a later one."""

    def __init__(self, inputs, outputs, kernel, stride=1, padding=0):
        super().__init__()
        kernel, (_, *space) = triple(kernel), triple(padding)
        self.before = kernel[0] - 1
        self.conv = nn.Conv3d(inputs, outputs, kernel, triple(stride), (0, *space))

    def forward(self, x):
        if self.before > 0:
            x = torch.cat([x[:, :, :1].repeat(1, 1, self.before, 1, 1), x], 2)
        return self.conv(x)


def per_frame(layer, x):
    batch, channels, time, height, width = x.shape
    y = layer(x.transpose(1, 2).reshape(batch * time, channels, height, width))
    return y.reshape(batch, time, *y.shape[1:]).transpose(1, 2)


class Conv2d(nn.Conv2d):
    def forward(self, x):
        return per_frame(super().forward, x)


def norm(channels):
    return nn.GroupNorm(GROUPS, channels, eps=1e-6)


class ResnetBlock(nn.Module):
    def __init__(self, inputs, outputs, convolutions):
        super().__init__()
        first, second, shortcut = convolutions
        self.norm1 = norm(inputs)
        self.conv1 = first(inputs, outputs, 3, padding=1)
        self.norm2 = norm(outputs)
        self.conv2 = second(outputs, outputs, 3, padding=1)
        if inputs != outputs:
            self.nin_shortcut = shortcut(inputs, outputs, 1)

    def block(self, x):
        hidden = self.conv1(F.silu(self.norm1(x)))
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return (self.nin_shortcut(x) if hasattr(self, 'nin_shortcut') else x) + hidden

    forward = block


class ResnetBlock3D(ResnetBlock):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, (CausalConv3d,) * 3)


class ResnetBlockMixed(ResnetBlock):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, (CausalConv3d, Conv2d, CausalConv3d))


class ResnetBlock2D(ResnetBlock):
    """Sees each frame alone: the statistics of its norms too are a frame's."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, (nn.Conv2d,) * 3)

    def forward(self, x):
        return per_frame(self.block, x)


class AttnBlock3DFix(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = norm(channels)
        for name in ('q', 'k', 'v', 'proj_out'):
            setattr(self, name, CausalConv3d(channels, channels, 1))

    def forward(self, x):
        hidden = self.norm(x)
        batch, channels, time, height, width = x.shape
        query, key, value = (
            layer(hidden).permute(0, 2, 3, 4, 1).reshape(batch * time, height * width, channels)
            for layer in (self.q, self.k, self.v)
        )
        mixed = torch.softmax(query @ key.transpose(1, 2) * channels**-0.5, -1) @ value
        return x + self.proj_out(mixed.reshape(batch, time, height, width, channels).permute(0, 4, 1, 2, 3))


def pad_after(x):
    return F.pad(x, (0, 1, 0, 1))


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 2)

    def forward(self, x):
        return per_frame(self.conv, pad_after(x))


class SpatialDownsample2x(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = CausalConv3d(channels, channels, (1, 3, 3), (1, 2, 2))

    def forward(self, x):
        return self.conv(pad_after(x))


class Spatial2xTime2x3DDownsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = CausalConv3d(channels, channels, 3, 2)

    def forward(self, x):
        return self.conv(pad_after(x))


class SpatialUpsample2x(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = CausalConv3d(channels, channels, (1, 3, 3), padding=(0, 1, 1))

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=(1, 2, 2), mode='nearest'))


class Spatial2xTime2x3DUpsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = CausalConv3d(channels, channels, 3, padding=1)

    def forward(self, x):
        enlarged = F.interpolate(x[:, :, :1], scale_factor=(1, 2, 2), mode='trilinear')
        if x.shape[2] > 1:
            later = F.interpolate(x[:, :, 1:], scale_factor=(2, 2, 2), mode='trilinear')
            enlarged = torch.cat([enlarged, later], 2)
        return self.conv(enlarged)


LAYERS = {name: value for name, value in globals().items() if isinstance(value, type)}


class Middle(nn.Module):
    def __init__(self, channels, resnet):
        super().__init__()
        self.block_1 = LAYERS[resnet](channels, channels)
        self.attn_1 = AttnBlock3DFix(channels)
        self.block_2 = LAYERS[resnet](channels, channels)

    def forward(self, x):
        return self.block_2(self.attn_1(self.block_1(x)))


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden = config['hidden_size']
        channels = hidden
        self.conv_in = LAYERS[config['encoder_conv_in']](3, hidden, 3, padding=1)
        self.down = nn.ModuleList()
        for level, factor in enumerate(config['hidden_size_mult']):
            down = nn.Module()
            down.block = nn.ModuleList()
            for _ in range(config['num_res_blocks']):
                down.block.append(LAYERS[config['encoder_resnet_blocks'][level]](channels, hidden * factor))
                channels = hidden * factor
            if config['encoder_spatial_downsample'][level]:
                down.downsample = LAYERS[config['encoder_spatial_downsample'][level]](channels)
            self.down.append(down)
        self.mid = Middle(channels, config['encoder_mid_resnet'])
        self.norm_out = norm(channels)
        self.conv_out = LAYERS[config['encoder_conv_out']](channels, 2 * config['z_channels'], 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for down in self.down:
            for block in down.block:
                x = block(x)
            if hasattr(down, 'downsample'):
                x = down.downsample(x)
        return self.conv_out(F.silu(self.norm_out(self.mid(x))))


class Decoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden, factors = config['hidden_size'], config['hidden_size_mult']
        channels = hidden * factors[-1]
        self.conv_in = LAYERS[config['decoder_conv_in']](config['z_channels'], channels, 3, padding=1)
        self.mid = Middle(channels, config['decoder_mid_resnet'])
        levels = []
        for level in reversed(range(len(factors))):
            up = nn.Module()
            up.block = nn.ModuleList()
            for _ in range(config['num_res_blocks'] + 1):
                up.block.append(LAYERS[config['decoder_resnet_blocks'][level]](channels, hidden * factors[level]))
                channels = hidden * factors[level]
            if config['decoder_spatial_upsample'][level]:
                up.upsample = LAYERS[config['decoder_spatial_upsample'][level]](channels)
            levels.insert(0, up)
        self.up = nn.ModuleList(levels)
        self.norm_out = norm(channels)
        self.conv_out = LAYERS[config['decoder_conv_out']](channels, 3, 3, padding=1)

    def forward(self, x):
        x = self.mid(self.conv_in(x))
        for up in reversed(self.up):
            for block in up.block:
                x = block(x)
            if hasattr(up, 'upsample'):
                x = up.upsample(x)
        return self.conv_out(F.silu(self.norm_out(x)))


class OdVae(nn.Module):
    """A model from an official `config.json`, randomly initialized."""

    def __init__(self, config):
        super().__init__()
        global GROUPS
        GROUPS = config.get('norm_num_groups', 32)
        latents, embedded = config['z_channels'], config['embed_dim']
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = LAYERS[config['q_conv']](2 * latents, 2 * embedded, 1)
        self.post_quant_conv = LAYERS[config['q_conv']](embedded, latents, 1)

    def encode(self, clip):
        return self.quant_conv(self.encoder(clip))

    def decode(self, latents):
        return self.decoder(self.post_quant_conv(latents))
