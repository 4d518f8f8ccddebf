import { availableParallelism, cpus, release, totalmem } from 'node:os';

import type { LongCallOptions } from '@od-vae/core';
import { checkEngines, codecReport, type CodecReport, type EngineReport } from '@od-vae/video';

import { version } from '../version.ts';
import { type BackendReport, examineBackends } from './examine-backends.ts';

/** What `od-vae doctor` found. */
export interface MachineReport {
  readonly version: string;
  readonly node: string;
  /** Node is at least the oldest version that is supported. */
  readonly nodeSupported: boolean;
  /** Such as `linux 6.1.0 x64`. */
  readonly system: string;
  readonly cpu: string;
  /** Threads that this process may use. */
  readonly threads: number;
  readonly memoryBytes: number;
  readonly backends: readonly BackendReport[];
  readonly codecs: CodecReport;
  /** Results of decoding and encoding a tiny frame with each engine. */
  readonly engines: readonly EngineReport[];
  /** One line for each thing worth installing; empty where nothing is missing. */
  readonly advice: readonly string[];
}

/** The oldest Node that is supported, as its major and minor version. */
const OLDEST_NODE = [20, 19] as const;

/** Looks at the machine: Node, processor, backends, codecs. */
export async function examineMachine(options: LongCallOptions): Promise<MachineReport> {
  const backends = await examineBackends(options);
  const codecs = await codecReport();
  const engines = await checkEngines();
  const nodeSupported = isSupported(process.versions.node);
  return {
    version: version(),
    node: process.versions.node,
    nodeSupported,
    system: `${process.platform} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    threads: availableParallelism(),
    memoryBytes: totalmem(),
    backends,
    codecs,
    engines,
    advice: [
      ...(nodeSupported ? [] : [`Node ${OLDEST_NODE.join('.')} or later, this is ${process.versions.node}`]),
      ...codecs.advice,
    ],
  };
}

/** Whether a version of Node, such as `20.19.0`, is new enough. */
export function isSupported(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
}
