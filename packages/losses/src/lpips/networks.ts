/** A layer of a feature network; `index` is its place in torchvision's `features`. */
export type FeatureLayer =
  | ({ readonly kind: 'conv'; readonly index: number; readonly channels: number; readonly kernel: number } & Placement)
  | { readonly kind: 'pool'; readonly size: number; readonly ceil: boolean }
  | { readonly kind: 'fire'; readonly index: number; readonly squeeze: number; readonly expand: number };

interface Placement {
  readonly stride: number;
  readonly padding: number;
}

/** Slices of a network: after each, LPIPS takes the features (always behind a ReLU). */
export type FeatureNetwork = readonly (readonly FeatureLayer[])[];

const conv = (index: number, channels: number, kernel = 3, stride = 1, padding = (kernel - 1) / 2): FeatureLayer => ({
  kind: 'conv',
  index,
  channels,
  kernel,
  stride,
  padding,
});
const pool = (size: number, ceil = false): FeatureLayer => ({ kind: 'pool', size, ceil });
const fire = (index: number, squeeze: number, expand: number): FeatureLayer => ({
  kind: 'fire',
  index,
  squeeze,
  expand,
});

/** The networks that LPIPS 0.1 has heads for, as torchvision builds them. */
export const networks = {
  /** VGG16: what OD-VAE trains with. */
  vgg: [
    [conv(0, 64), conv(2, 64)],
    [pool(2), conv(5, 128), conv(7, 128)],
    [pool(2), conv(10, 256), conv(12, 256), conv(14, 256)],
    [pool(2), conv(17, 512), conv(19, 512), conv(21, 512)],
    [pool(2), conv(24, 512), conv(26, 512), conv(28, 512)],
  ],
  /** AlexNet: what videos are judged with. */
  alex: [[conv(0, 64, 11, 4, 2)], [pool(3), conv(3, 192, 5)], [pool(3), conv(6, 384)], [conv(8, 256)], [conv(10, 256)]],
  /** SqueezeNet 1.1: the smallest. */
  squeeze: [
    [conv(0, 64, 3, 2, 0)],
    [pool(3, true), fire(3, 16, 64), fire(4, 16, 64)],
    [pool(3, true), fire(6, 32, 128), fire(7, 32, 128)],
    [pool(3, true), fire(9, 48, 192)],
    [fire(10, 48, 192)],
    [fire(11, 64, 256)],
    [fire(12, 64, 256)],
  ],
} as const satisfies Record<string, FeatureNetwork>;

/** Which features LPIPS compares. */
export type LpipsNetwork = keyof typeof networks;
