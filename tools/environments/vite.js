const worker = new Worker(new URL('./vite-worker.js', import.meta.url), { type: 'module' });
globalThis.odVaeResult = new Promise((resolve) => {
  worker.addEventListener('message', ({ data }) => resolve(data));
  worker.addEventListener('error', ({ message }) => resolve(`The worker failed: ${message}`));
});
