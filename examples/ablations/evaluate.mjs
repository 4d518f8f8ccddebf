// PSNR and LPIPS of a model on clips that it was not trained on.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { foldTime } from '@od-vae/core';
import { loadLpips, lpips } from '@od-vae/losses';
import { openVideo } from '@od-vae/video';
import { openCheckpoint } from '@od-vae/weights';
import { clipByValue, dispose, mean, square, sub, tidy } from '@tensorflow/tfjs-core';
import { clipOfFrames, OdVae } from 'od-vae';

/** Loads clips of a folder and the LPIPS that judges them; `judge(a model)` then gives the scores of each and their means. */
export async function judgeOf({ folder, lpipsFile, network, frames, size }) {
  const files = (await readdir(folder)).filter((name) => /\.(mp4|webm|y4m)$/.test(name)).toSorted();
  const clips = [];
  for (const name of files) clips.push({ name, clip: await readClip(join(folder, name), { frames, size }) });
  const checkpoint = await openCheckpoint(lpipsFile);
  const params = await loadLpips(checkpoint, network).finally(() => checkpoint.close());
  return {
    async judge(model) {
      const vae = await OdVae.fromPretrained(model);
      try {
        const scores = [];
        for (const { name, clip } of clips) scores.push({ name, ...(await score(vae, clip, { params, network })) });
        const average = (key) => scores.reduce((sum, one) => sum + one[key], 0) / scores.length;
        return { psnr: average('psnr'), lpips: average('lpips'), clips: scores };
      } finally {
        vae.dispose();
      }
    },
    dispose: () => dispose([clips.map(({ clip }) => clip), params]),
  };
}

async function readClip(path, { frames, size }) {
  const video = await openVideo(path, { frames, shortSide: size });
  const read = [];
  try {
    for await (const frame of video.frames()) read.push(frame);
  } finally {
    await video.close();
  }
  return clipOfFrames(read);
}

async function score(vae, clip, { params, network }) {
  const [error, distance] = tidy(() => {
    const posterior = vae.encode(clip);
    const rebuilt = clipByValue(vae.decode(posterior.mode(), { cutTo: clip }), -1, 1);
    posterior.dispose();
    const [a, b] = [clip, rebuilt].map((x) => foldTime(x));
    return [mean(square(sub(a, b))), mean(lpips(params, a, b, { network }))];
  });
  const [[mse], [lpipsOfClip]] = await Promise.all([error.data(), distance.data()]);
  dispose([error, distance]);
  return { psnr: -10 * Math.log10(mse / 4), lpips: lpipsOfClip };
}
