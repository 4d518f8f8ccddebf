/** A tensor that a program reads or writes: its name in the code, and what its values are taken as. */
export interface Binding {
  readonly name: string;
  readonly type: 'f32' | 'vec4<f32>' | 'f16' | 'vec4<f16>';
}

/** A compute program: WGSL without its declarations, which follow from its bindings and sizes. */
export interface GpuProgram {
  /** The op that it is a part of, for errors and profiles. */
  readonly name: string;
  /** With the name, all that its code depends on. */
  readonly variant: string;
  readonly reads: readonly Binding[];
  readonly writes: readonly Binding[];
  /** Whole numbers that differ from run to run, as `sizes.name`. */
  readonly sizes: readonly string[];
  /** Other numbers that differ from run to run, as `sizes.name` too. */
  readonly floats?: readonly string[];
  /** Its code uses `subgroup`, the number of those threads that run together, of `subgroups`. */
  readonly subgroups?: boolean;
  /** Invocations in a workgroup. */
  readonly threads: number;
  /**
   * Declarations, and `fn run(group: i32, layer: i32, thread: i32)`, which each workgroup of each layer runs.
   */
  readonly code: () => string;
}

/** The fields of a program's `sizes` in their order: how many workgroups there are comes first. */
export function sizeNames({ sizes, floats = [] }: GpuProgram): { whole: string[]; floats: readonly string[] } {
  return { whole: ['groups', ...sizes], floats };
}

/** The whole shader of a program. */
export function shaderOf(program: GpuProgram): string {
  const { reads, writes, threads, code, subgroups } = program;
  const { whole, floats } = sizeNames(program);
  const buffers = [
    ...reads.map(({ name, type }) => `var<storage, read> ${name}: array<${type}>;`),
    ...writes.map(({ name, type }) => `var<storage, read_write> ${name}: array<${type}>;`),
  ];
  const fields = [...whole.map((name) => `${name}: i32`), ...floats.map((name) => `${name}: f32`)];
  const bindings = buffers.map((buffer, index) => `@group(0) @binding(${index}) ${buffer}`);
  return `${extensionsOf(program)}${bindings.join('\n')}
struct Sizes { ${fields.join(', ')} }
@group(0) @binding(${buffers.length}) var<uniform> sizes: Sizes;
${code()}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,${subgroups ? SUBGROUP_INPUTS : ''}
) {${subgroups ? '\n  subgroup = subgroupId;\n  subgroups = subgroupCount;' : ''}
  let group = i32(id.x + id.y * count.x);
  if (group < sizes.groups) {
    run(group, i32(id.z), i32(thread));
  }
}
`;
}

/** What a shader needs that not all devices have. */
function extensionsOf({ reads, writes, subgroups }: GpuProgram): string {
  const halves = [...reads, ...writes].some(({ type }) => type.includes('f16'));
  return [...(halves ? ['enable f16;\n'] : []), ...(subgroups ? [SUBGROUPS] : [])].join('');
}

const SUBGROUPS = `enable subgroups;
requires subgroup_id;
var<private> subgroup: u32;
var<private> subgroups: u32;
`;

const SUBGROUP_INPUTS = `
  @builtin(subgroup_id) subgroupId: u32,
  @builtin(num_subgroups) subgroupCount: u32,`;
