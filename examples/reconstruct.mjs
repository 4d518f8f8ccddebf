// Compresses a video 4x8x8 and rebuilds it: node reconstruct.mjs in.mp4 out.mp4 [frames] [short side]
import 'od-vae/auto';
import { OdVae } from 'od-vae';

const [input, output, frames = '33', shortSide = '128'] = process.argv.slice(2);
const vae = await OdVae.fromPretrained('small');
const report = await vae.reconstruct(input, output, { frames: Number(frames), shortSide: Number(shortSide) });
console.log(
  `${report.frames} frames became latents [${report.latentShape}] and came back at ${report.psnr.toFixed(2)} dB`,
);
vae.dispose();
