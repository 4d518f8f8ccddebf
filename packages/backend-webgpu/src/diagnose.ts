import type { GpuPlace } from './gpu-place.ts';
import { requestDevice } from './request-device.ts';

/** What {@link diagnoseGpus} found. */
export interface WebgpuReport {
  readonly works: boolean;
  /** The GPU as its driver names it; undefined where none answers. */
  readonly device: string | undefined;
  /** What is missing and how to get it; undefined where nothing is. */
  readonly advice: string | undefined;
}

/** Tries to start a GPU, without registering anything, and says what is missing where that fails. Never throws. */
export async function diagnoseGpus(place: GpuPlace): Promise<WebgpuReport> {
  try {
    const device = await requestDevice(place);
    const { vendor, architecture, description } = device.adapterInfo;
    device.destroy();
    return { works: true, device: [description || vendor, architecture].filter(Boolean).join(', '), advice: undefined };
  } catch (error) {
    return { works: false, device: undefined, advice: (error as Error).message };
  }
}
