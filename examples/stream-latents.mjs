// Prints the latents of a video while it is still being read: node stream-latents.mjs in.mp4 [frames] [short side]
import 'od-vae/auto';
import { OdVae } from 'od-vae';

const [input, frames = '41', shortSide = '64'] = process.argv.slice(2);
const vae = await OdVae.fromPretrained('small');
const scale = vae.config.scalingFactor;
for await (const { data, shape } of vae.encodeVideo(input, { frames: Number(frames), shortSide: Number(shortSide) })) {
  // What a diffusion model trains on: scaled to unit deviation.
  const deviation = Math.sqrt(data.reduce((sum, value) => sum + (scale * value) ** 2, 0) / data.length);
  console.log(`[time, height, width, channels] = [${shape}], deviation ${deviation.toFixed(2)}`);
}
vae.dispose();
