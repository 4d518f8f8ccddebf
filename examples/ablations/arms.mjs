// What is compared: the paper's four variants (its table of variants), and three ways to grow from an image VAE.
import { variants } from '@od-vae/models';

/** An official config, narrowed. Groups of four channels at least: with fewer, a norm erases what a channel knows of colour. */
const narrow = (config, width) => ({
  ...config,
  hidden_size: width,
  hidden_size_mult: [1, 2, 2, 2],
  norm_num_groups: Math.max(1, width / 4),
});

/** SD-VAE's layout: every frame by itself, and the names of CompVis. */
export function imageVae(width) {
  const each = (name) => Array(4).fill(name);
  return {
    ...narrow(variants[1], width),
    q_conv: 'Conv2d',
    encoder_conv_in: 'Conv2d',
    encoder_conv_out: 'Conv2d',
    encoder_attention: 'AttnBlock',
    encoder_mid_resnet: 'ResnetBlock2D',
    encoder_resnet_blocks: each('ResnetBlock2D'),
    encoder_spatial_downsample: ['Downsample', 'Downsample', 'Downsample', ''],
    encoder_temporal_downsample: each(''),
    decoder_conv_in: 'Conv2d',
    decoder_conv_out: 'Conv2d',
    decoder_attention: 'AttnBlock',
    decoder_mid_resnet: 'ResnetBlock2D',
    decoder_resnet_blocks: each('ResnetBlock2D'),
    decoder_spatial_upsample: ['', 'Upsample', 'Upsample', 'Upsample'],
    decoder_temporal_upsample: each(''),
  };
}

/**
 * The arms of both ablations; each starts from the image VAE in the folder `image`. `run` names what is trained: variant 4
 * and tail initialization are one.
 */
export function arms({ width, image }) {
  const arm = (ablation, name, variant, method) => ({
    ablation,
    name,
    run: `variant-${variant}-${method}`,
    config: { model: narrow(variants[variant], width), init: { from: image, method } },
  });
  return [
    ...[1, 2, 3, 4].map((variant) => arm('variants', `variant ${variant}`, variant, 'tail')),
    ...['tail', 'average', 'random'].map((method) => arm('initializations', method, 4, method)),
  ];
}

/** What the paper says of each (its figure 4): who is at least as good as whom. */
export const PAPER_ORDER = {
  variants: [
    ['variant 1', 'variant 4'],
    ['variant 4', 'variant 2'],
    ['variant 4', 'variant 3'],
  ],
  initializations: [
    ['tail', 'average'],
    ['tail', 'random'],
  ],
};
