import { type GpuProgram, shaderOf } from './gpu-program.ts';

/** A compiled program, and how its tensors are bound. */
interface Pipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** The programs of a device, each compiled when it is first asked for. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #known = new Map<string, Pipeline>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** The pipeline of a program. */
  of(program: GpuProgram): Pipeline {
    const types = [...program.reads, ...program.writes].map(({ type }) => type);
    const key = [program.name, program.variant, ...types].join(' ');
    const known = this.#known.get(key);
    if (known) return known;
    const device = this.#device;
    const buffers: GPUBufferBindingType[] = [
      ...program.reads.map(() => 'read-only-storage' as const),
      ...program.writes.map(() => 'storage' as const),
      'uniform',
    ];
    const layout = device.createBindGroupLayout({
      entries: buffers.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
    });
    const pipeline = device.createComputePipeline({
      label: key,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module: device.createShaderModule({ label: key, code: shaderOf(program) }), entryPoint: 'main' },
    });
    this.#known.set(key, { pipeline, layout });
    return { pipeline, layout };
  }
}
