export type { BackendCase } from './backend-case.ts';
export { backendCases, type CaseResult, checkCase } from './check-backend.ts';
export { kernelCoverage, type KernelCoverage } from './kernel-coverage.ts';
export type { Values } from './values.ts';
