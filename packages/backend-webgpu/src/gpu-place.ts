/** Where GPUs are found: a page, or Dawn in Node. */
export interface GpuPlace {
  /** What gives GPUs; undefined where there is no WebGPU. */
  find(): Promise<GPU | undefined>;
  /** What to do where no GPU answers. */
  advice(): string;
}

/** A page's own. */
export const browserGpus: GpuPlace = {
  find: async () => (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu,
  advice: () =>
    'a page needs a browser with WebGPU, a secure address (https), and a graphics driver that the browser accepts',
};
