import 'od-vae/auto';
import { OdVae } from 'od-vae';

/** Encodes and decodes five frames of a moving gradient with the small model, and returns the PSNR in dB. */
export async function check() {
  const vae = await OdVae.fromPretrained('small');
  const { psnr } = await vae.reconstruct(frames(), undefined, { fps: 25 });
  vae.dispose();
  return psnr;
}

function* frames() {
  for (let index = 0; index < 5; index++) {
    const data = new Uint8Array(32 * 32 * 3);
    for (let at = 0; at < data.length; at++) {
      const [x, y, channel] = [Math.floor(at / 3) % 32, Math.floor(at / 96), at % 3];
      data[at] = 40 + 5 * x + (channel - 1) * y + 4 * index;
    }
    yield { width: 32, height: 32, data, timestamp: index / 25 };
  }
}
