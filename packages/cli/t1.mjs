import 'od-vae/auto';
import { OdVae, useBackend } from 'od-vae';
await useBackend(process.argv[4] ?? 'wasm');
const vae = await OdVae.fromPretrained('small', {});
let last = 0;
const r = await vae.reconstruct(process.argv[2], process.argv[3], {
  frames: Number(process.argv[5] ?? 33),
  shortSide: Number(process.argv[6] ?? 0) || undefined,
  onProgress: (p) => {
    if (Date.now() - last > 2000) {
      last = Date.now();
      console.error(p.phase, p.done.toFixed(1), p.total);
    }
  },
});
delete r.perFrame;
console.log(r, (process.memoryUsage().rss / 2 ** 20) | 0);
vae.dispose();
